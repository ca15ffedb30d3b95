#!/bin/bash
# Makes seals of each kind, under the root house.pem that stamps.sh has made in this folder: their key, their
# certificate, and both in PKCS#12 as it is written today and as it was before (NAME-old.p12), password x.
# Also keys that do not seal, and `deep`, a seal with so many authorities above it that it is long.
set -e
# Without the address of a responder: some validators would ask it, and there is none.
sed '/^authorityInfoAccess/d' stamps.cnf > kinds.cnf
key() { openssl genpkey -out "$1.key" "${@:2}" 2> /dev/null; }
certify() { # NAME KEY ISSUER ISSUER_KEY EXTENSIONS
  openssl req -new -key "$2.key" -out "$1.csr" -subj "/O=Fjordline Cloud GmbH/CN=$1" -config kinds.cnf
  openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$4.key" -CAcreateserial -days 300 -out "$1.pem" \
    -extfile kinds.cnf -extensions "$5" 2> /dev/null
}
pack() { # NAME KEY [CHAIN]
  openssl pkcs12 -export -inkey "$2.key" -in "$1.pem" -out "$1.p12" -passout pass:x ${3:+-certfile "$3"}
}
seal() {
  key "$@"
  certify "$1" "$1" house house seal
  pack "$1" "$1"
  openssl pkcs12 -export -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1 -inkey "$1.key" -in "$1.pem" \
    -out "$1-old.p12" -passout pass:x
}
curve() { seal "$1" -algorithm EC -pkeyopt "ec_paramgen_curve:$2"; }
rsa() { seal "$1" -algorithm RSA -pkeyopt "rsa_keygen_bits:$2" "${@:3}"; }

curve p256 P-256
curve p384 P-384
rsa rsa2048 2048
rsa rsa3072 3072
rsa rsa4096 4096

rsa rsa1024 1024
rsa rsa2560 2560
rsa three 2048 -pkeyopt rsa_keygen_pubexp:3
seal pss -algorithm RSA-PSS
seal ed -algorithm ED25519
curve p521 P-521
curve k1 secp256k1

# Certificates of one key whose extended usage says what they are for.
meant() {
  printf '[%s]\nbasicConstraints = critical,CA:false\nkeyUsage = critical,digitalSignature\nextendedKeyUsage = %s\n' \
    "$1" "$2" >> kinds.cnf
  certify "$1" p256 house house "$1"
  pack "$1" p256
}
meant server serverAuth
meant code critical,codeSigning
meant document critical,1.3.6.1.5.5.7.3.36
meant mail serverAuth,emailProtection
meant adobe 1.2.840.113583.1.1.5
meant microsoft critical,1.3.6.1.4.1.311.10.3.12
meant any anyExtendedKeyUsage
openssl pkcs8 -topk8 -nocrypt -in p256.key -outform DER -out p256.der

above=house above_key=house
for one in 1 2 3 4; do
  certify between$one rsa3072 $above $above_key root
  cat between$one.pem >> between.pem
  above=between$one above_key=rsa3072
done
certify deep rsa4096 $above $above_key seal
pack deep rsa4096 between.pem
openssl pkcs12 -export -nokeys -in p256.pem -out nokey.p12 -passout pass:x
openssl pkcs12 -export -nocerts -inkey p256.key -out bare.p12 -passout pass:x
