#!/bin/bash
# Makes authorities for time stamps in this folder, under the root tsa.pem: `rsa` and `curve`, and two
# that no time stamp may come from: `both` is meant for signing code, too, `soft` is not only for them.
# The file stamps.cnf is for `openssl ts -reply -section tsa`. RESPONDER is where certificates say that their
# issuers' responders are.
set -e
cat > stamps.cnf <<'END'
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
[seal]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature,nonRepudiation
authorityInfoAccess = OCSP;URI:RESPONDER/house
[stamps]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
authorityInfoAccess = OCSP;URI:RESPONDER/tsa
[says]
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
[watched]
extendedKeyUsage = OCSPSigning
[both]
extendedKeyUsage = critical,timeStamping,codeSigning
[soft]
extendedKeyUsage = timeStamping
[ca]
default_ca = lists
[lists]
database = index
default_md = sha256
default_crl_days = 30
crlnumber = number
serial = seals
new_certs_dir = .
policy = named
crl_extensions = of
[named]
organizationName = optional
commonName = supplied
[of]
authorityKeyIdentifier = keyid
[tsa]
serial = serial
digests = sha256, sha384
signer_digest = sha256
default_policy = 1.3.6.1.4.1.57264.2
other_policies = 1.3.6.1.4.1.57264.3
ordering = yes
tsa_name = yes
END
sed -i "s|RESPONDER|${RESPONDER:-http://127.0.0.1:9}|" stamps.cnf
echo 1000 > serial
root() {
  openssl req -x509 -newkey rsa:3072 -nodes -keyout $1.key -out $1.pem -days 3650 -subj "/CN=$1" -config stamps.cnf -extensions root
}
issue() {
  openssl req -newkey $2 $3 -nodes -keyout $1.key -out $1.csr -subj "/O=Stamps Ltd/CN=$1" -config stamps.cnf
  openssl x509 -req -in $1.csr -CA tsa.pem -CAkey tsa.key -CAcreateserial -days 3000 -out $1.pem -extfile stamps.cnf -extensions $4
}
root tsa; root other
issue rsa rsa:2048 "" stamps
issue curve ec "-pkeyopt ec_paramgen_curve:P-256" stamps
issue both ec "-pkeyopt ec_paramgen_curve:P-256" both
issue soft ec "-pkeyopt ec_paramgen_curve:P-256" soft

# A seal under a root of its own, valid as long as the tests' stories, and both roots' revocation lists;
# in seal-back.crl it was taken back.
root house
: > index && echo 01 > number && echo 01 > seals
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout seal.key -out seal.csr \
  -subj "/O=Stamps Ltd/CN=seal" -config stamps.cnf
openssl ca -batch -notext -config stamps.cnf -keyfile house.key -cert house.pem -in seal.csr -out seal.pem \
  -startdate 20260101000000Z -enddate 20990101000000Z -extfile stamps.cnf -extensions seal
openssl pkcs12 -export -inkey seal.key -in seal.pem -out seal.p12 -passout pass:x
list() {
  openssl ca -gencrl -config stamps.cnf -keyfile $1.key -cert $1.pem | openssl crl -outform DER -out $2.crl
}
list house house && list tsa tsa

# Who answers for the roots (OCSP), by which list of theirs: `says` needs no watching, `watched` does, `nobody`
# was named for something else.
responder() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $1.key -out $1.csr \
    -subj "/O=Stamps Ltd/CN=$1" -config stamps.cnf
  openssl x509 -req -in $1.csr -CA house.pem -CAkey house.key -CAcreateserial -days 3000 -out $1.pem \
    -extfile stamps.cnf -extensions $2
}
responder says says
responder watched watched
responder nobody seal
cp index house.index
for one in rsa curve; do
  printf 'V\t20500101000000Z\t\t%s\tunknown\t/CN=%s\n' "$(openssl x509 -in $one.pem -noout -serial | cut -d= -f2)" $one
done > tsa.index
openssl ca -config stamps.cnf -keyfile house.key -cert house.pem -revoke seal.pem
list house seal-back
cp index back.index
