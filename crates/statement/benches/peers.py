"""The pages of statements.rs by other programs: ReportLab, ReportLab sealed by pyHanko, krilla.

Usage: peers.py PROGRAM [KRILLA]. PROGRAM is statements.rs, KRILLA is krilla_peer, both built. The
peers draw every piece of text of the sample at its place, in the same fonts, embedded as subsets of
each document; they leave out what a plain drawing lacks: rules and charts, tags, PDF/A, calculation
files. All run in turn, on one thread; what is told is documents per second of the processor, the
median of five rounds, and the most memory.
"""

import datetime
import io
import json
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as tree

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

ROUNDS, SECONDS = 5, 2.0
FONTS = pathlib.Path(__file__).parent.parent / "fonts"
FACES = {"serif": "SourceSerif4-Regular", "semibold": "SourceSerif4-Semibold", "mono": "IBMPlexMono-Regular"}


def pages_of(pdf):
    """Each page of a PDF: its size, and its text as [face, size, x, y from below, colour, text]."""
    xml = subprocess.run(["pdftohtml", "-xml", "-i", "-fontfullname", "-stdout", str(pdf)], capture_output=True, check=True)
    specs, pages = {}, []
    for page in tree.fromstring(xml.stdout).iter("page"):
        # pdftohtml counts in pixels of one and a half to a point.
        width, height = float(page.get("width")) / 1.5, float(page.get("height")) / 1.5
        for spec in page.iter("fontspec"):
            family = spec.get("family")
            face = "mono" if "Mono" in family else "semibold" if "Semibold" in family else "serif"
            specs[spec.get("id")] = face, float(spec.get("size")) / 1.5, spec.get("color")
        texts = []
        for text in page.iter("text"):
            face, size, colour = specs[text.get("font")]
            said = "".join(text.itertext())
            x, y = float(text.get("left")) / 1.5, height - float(text.get("top")) / 1.5 - size
            if said.strip():
                texts.append([face, size, x, y, colour, said])
        pages.append({"width": width, "height": height, "texts": texts})
    return pages


def reportlab(pages, number):
    """The bytes of one document."""
    out = io.BytesIO()
    canvas = Canvas(out, pageCompression=1, invariant=1)
    for page in pages:
        canvas.setPageSize((page["width"], page["height"]))
        for face, size, x, y, colour, said in page["texts"]:
            canvas.setFont(face, size)
            canvas.setFillColor(colour)
            canvas.drawString(x, y, said.replace("ST-2026-10-0000", number))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def signer():
    """A P-256 key with a certificate of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Fjordline Cloud GmbH")])
    begin = datetime.datetime(2026, 1, 1)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(begin).not_valid_after(begin + datetime.timedelta(days=900))
        .sign(key, hashes.SHA256())
    )
    packed = pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, serialization.NoEncryption())
    return signers.SimpleSigner.load_pkcs12_data(packed, other_certs=[], passphrase=None)


def sealed(pdf, by):
    """The document with a PAdES signature."""
    meta = signers.PdfSignatureMetadata(field_name="Seal", subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256")
    return signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), meta, signer=by).getvalue()


def rate(make):
    """Documents per second of the processor."""
    rates = []
    for _ in range(ROUNDS):
        began, count = time.process_time(), 0
        while time.process_time() - began < SECONDS:
            make(f"ST-2026-10-{count:04}")
            count += 1
        rates.append(count / (time.process_time() - began))
    return statistics.median(rates)


def told(lines):
    """Median rates and the peak in MB of a program that prints `NAME COUNT HUNDREDTHS …` and `peak KB`."""
    rates, peak = {}, 0.0
    for line in lines.splitlines():
        name, *numbers = line.split()
        if name == "peak":
            peak = int(numbers[0]) / 1024
        else:
            rates.setdefault(name, []).append(int(numbers[0]) * 100 / int(numbers[1]))
    return {name: statistics.median(all) for name, all in rates.items()}, peak


def main():
    program, krilla = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as scratch:
        sample, listed = pathlib.Path(scratch, "sample.pdf"), pathlib.Path(scratch, "pages.json")
        run = lambda *args: subprocess.run(args, capture_output=True, text=True, check=True).stdout
        ours, peak = told(run(program, str(sample)))
        pages = pages_of(sample)
        listed.write_text(json.dumps(pages))
        theirs, krilla_peak = told(run(krilla, str(listed), str(FONTS))) if krilla else ({}, 0.0)
    for face, file in FACES.items():
        pdfmetrics.registerFont(TTFont(face, str(FONTS / f"{file}.ttf")))
    key = signer()
    plain = rate(lambda number: reportlab(pages, number))
    signed = rate(lambda number: sealed(reportlab(pages, number), key))
    python_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(pages)} pages, documents per second of the processor, one thread:")
    print(f"  Makegood   PDF/A-3a with tags and calculation file {ours['rendered']:.0f}; sealed {ours['sealed']:.0f}; "
          f"sealed and verified {ours['released']:.0f}; peak {peak:.0f} MB")
    print(f"  ReportLab  text alone {plain:.0f}; sealed by pyHanko {signed:.1f}; peak {python_peak:.0f} MB")
    if theirs:
        print(f"  krilla     text alone {theirs['rendered']:.0f}; peak {krilla_peak:.0f} MB")
    print(f"sealed: {ours['sealed'] / signed:.1f} times ReportLab and pyHanko", end="")
    print(f"; unsealed: {ours['rendered'] / theirs['rendered']:.1f} times krilla" if theirs else "")


main()
