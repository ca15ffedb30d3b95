#!/usr/bin/env python3
"""Has pyHanko judge an archived statement (PAdES B-LTA) as `pyhanko sign adesverify` does.

    archived.py FOLDER

With revocation required, pyHanko must accept FOLDER/northwind-archived.pdf (with revocation lists) and,
where it lies there, FOLDER/northwind-answered.pdf (with responders' answers), and refuse FOLDER/northwind-stamped.pdf, which is
the first without its lists; and copies of the two with a flipped byte. What was added must be nothing but what such an update may add, and break no rule of
PDF/A-3a and PDF/UA-1. The roots are FOLDER/root.pem and FOLDER/stamps.pem. Prints a line for what is
judged otherwise, then `N passed, N failed`; exits 1 when one failed.
"""

import asyncio
import io
import logging
import pathlib
import sys
from datetime import timedelta

import page

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

logging.disable(logging.CRITICAL)


def policy(root):
    """Trust in one root, with revocation information for every certificate below it."""
    revocation = CertRevTrustPolicy(
        # A list made just before the seal tells of it, too.
        RevocationCheckingPolicy.from_legacy("require"), retroactive_revinfo=True
    )
    return CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=[root]),
        revinfo_policy=revocation,
        time_tolerance=timedelta(seconds=60),
    )


async def refusal(data, seals, stamps):
    """None when pyHanko accepts it as B-LTA, else why not."""
    try:
        reader = PdfFileReader(io.BytesIO(data))
        spec = PdfSignatureValidationSpec(
            SignatureValidationSpec(
                cert_validation_policy=policy(seals),
                ts_cert_validation_policy=policy(stamps),
                # What counts stands inside; nobody is asked.
                revinfo_gathering_policy=RevocationInfoGatheringSpec(
                    online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY
                ),
            )
        )
        seal = reader.embedded_regular_signatures[0]
        result = await ades_lta_validation(seal, spec)
        if result.ades_subindic != AdESPassed.OK:
            return f"{result.ades_subindic}: {result.failure_msg}"
        if result.oldest_evidence_record_timestamp is None:
            return "it bears no time stamp over the whole document"
        if seal.diff_result.modification_level != ModificationLevel.LTA_UPDATES:
            return f"what was added is {seal.diff_result.modification_level}"
        return None
    except Exception as error:  # whatever a broken file makes it raise is a refusal
        return f"{error}"


async def main():
    folder = pathlib.Path(sys.argv[1])
    seals, stamps = (load_cert_from_pemder(str(folder / name)) for name in ("root.pem", "stamps.pem"))
    names = [name for name in ("archived", "answered") if (folder / f"northwind-{name}.pdf").exists()]
    archives = [(folder / f"northwind-{name}.pdf").read_bytes() for name in names]
    stamped = (folder / "northwind-stamped.pdf").read_bytes()
    # Inside the page that they share, and inside what was added.
    broken = []
    for data in archives:
        for at in (len(stamped) // 3, data.index(b"startxref", len(stamped) // 2) + 300):
            flipped = bytearray(data)
            flipped[at] ^= 1
            broken.append(bytes(flipped))
    said = [await refusal(data, seals, stamps) for data in archives]
    said.append(
        None if names and await refusal(stamped, seals, stamps) else "accepted without revocation lists"
    )
    for data in broken:
        said.append(None if await refusal(data, seals, stamps) else "accepted with a flipped byte")
    for name in names:
        for profile in (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1):
            path = folder / f"northwind-{name}.pdf"
            failures = page.validate_pdf(path, profile=profile).failures
            # Of the seal that is true, as of any that something was added to: it covered all there was.
            failures = [one for one in failures if "/ByteRange does not cover" not in one.message]
            said.append(f"{name}, {profile.value}: {failures[0].message}" if failures else None)
    failed = [line for line in said if line]
    for line in failed:
        print(f"{folder}: {line}")
    print(f"{len(said) - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


asyncio.run(main())
