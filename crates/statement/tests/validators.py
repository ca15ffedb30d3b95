#!/usr/bin/env python3
"""Has other people's programs judge sealed statements.

    validators.py FOLDER [--root root.pem]

Every PDF in FOLDER must be accepted by pdfsig (poppler) and by pyHanko: the seal valid, trusted
under the given root certificate (else the root.pem beside it), and over the whole document. Where a
stamps.pem lies beside it, it must also bear a time stamp that pyHanko trusts under that one. A copy
of each with one byte flipped must be refused by both. PyPI's page-validation must find nothing against PDF/A-3a
and PDF/UA-1. Needs pdfsig, certutil, and Python's pyhanko and page-validation. Prints a for each PDF that is judged otherwise, then `N passed, N failed`; exits 1 when one failed.
"""

import argparse
import asyncio
import itertools
import logging
import pathlib
import subprocess
import sys
import tempfile

import page

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

logging.disable(logging.CRITICAL)


def make_database(folder, root):
    """An NSS database that trusts the root, for pdfsig."""
    run = lambda *args: subprocess.run(args, check=True, capture_output=True)
    run("certutil", "-N", "-d", f"sql:{folder}", "--empty-password")
    run("certutil", "-A", "-d", f"sql:{folder}", "-n", "root", "-t", "CT,C,C", "-i", str(root))


def pdfsig_says(path, database):
    """None when pdfsig accepts the file, else what it says."""
    done = subprocess.run(
        ["pdfsig", "-nssdir", f"sql:{database}", str(path)], capture_output=True, text=True
    )
    wanted = [
        "Signature Type: ETSI.CAdES.detached",
        "Total document signed",
        "Signature Validation: Signature is Valid.",
        "Certificate Validation: Certificate is Trusted.",
    ]
    missing = [line for line in wanted if line not in done.stdout]
    if done.returncode == 0 and not missing and "Signature #2" not in done.stdout:
        return None
    return f"pdfsig: no {missing or 'success'}"


async def pyhanko_says(path, root, stamps):
    """None when pyHanko accepts the file, else what it says."""
    try:
        with open(path, "rb") as file:
            signatures = PdfFileReader(file).embedded_signatures
            if len(signatures) != 1:
                return f"pyHanko: {len(signatures)} signatures"
            # The certificate is judged at the seal's own time: B-B has no other.
            moment = signatures[0].self_reported_timestamp
            context = ValidationContext(trust_roots=[root], moment=moment)
            times = ValidationContext(trust_roots=[stamps] if stamps else [])
            status = await async_validate_pdf_signature(
                signatures[0], context, ts_validation_context=times
            )
            stamp = status.timestamp_validity
            if (stamp is not None) != (stamps is not None):
                return "pyHanko: a time stamp where none is expected, or none where one is"
            if stamp is not None and not (stamp.valid and stamp.intact and stamp.trusted):
                return f"pyHanko: its time stamp: {stamp.summary()}"
            if status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
                return f"pyHanko: it covers {status.coverage}"
            return None if status.bottom_line else f"pyHanko: {status.summary()}"
    except Exception as error:  # whatever a broken file makes it raise is a refusal
        return f"pyHanko: {error}"


def rules_say(path):
    """None when no rule of PDF/A-3a and PDF/UA-1 is broken, else the first that is."""
    for profile in (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1):
        failures = page.validate_pdf(path, profile=profile).failures
        if failures:
            return f"{profile.value}: {failures[0].rule_id} {failures[0].message}"
    return None


async def judge(pdfs, root_path):
    """Judges PDFs that lie in one folder, under one root."""
    stamps_path = pdfs[0].parent / "stamps.pem"
    root = load_cert_from_pemder(str(root_path))
    stamps = load_cert_from_pemder(str(stamps_path)) if stamps_path.exists() else None
    passed, failed = 0, []
    with tempfile.TemporaryDirectory() as scratch:
        database = pathlib.Path(scratch, "nss")
        database.mkdir()
        make_database(database, root_path)
        for pdf in pdfs:
            said = [
                pdfsig_says(pdf, database),
                await pyhanko_says(pdf, root, stamps),
                rules_say(pdf),
            ]
            flipped = pathlib.Path(scratch, pdf.name)
            data = bytearray(pdf.read_bytes())
            data[len(data) // 3] ^= 1
            flipped.write_bytes(data)
            if pdfsig_says(flipped, database) is None:
                said.append("pdfsig accepts a flipped byte")
            if await pyhanko_says(flipped, root, stamps) is None:
                said.append("pyHanko accepts a flipped byte")
            said = [line for line in said if line]
            if said:
                failed.append(f"{pdf}: {'; '.join(said)}")
            else:
                passed += 1
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--root", type=pathlib.Path)
    options = parser.parse_args()
    pdfs = sorted(options.folder.glob("**/*.pdf"), key=lambda pdf: (pdf.parent, pdf.name))
    if not pdfs:
        sys.exit(f"{options.folder}: there is no PDF to judge")
    passed, failed = 0, []
    for folder, beside in itertools.groupby(pdfs, lambda pdf: pdf.parent):
        good, bad = asyncio.run(judge(list(beside), options.root or folder / "root.pem"))
        passed, failed = passed + good, failed + bad
    for line in failed:
        print(line)
    print(f"{passed} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


main()
