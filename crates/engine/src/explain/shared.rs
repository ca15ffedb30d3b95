//! What a line has of what its contract owes, where that is not its own credit.

use super::Step;
use crate::case::Case;
use crate::credits::rounding;
use crate::fraction::Fraction;
use crate::outcome::Owed;
use crate::trace::LineTrace;
use num_bigint::BigInt;
use num_traits::Zero;

/// Ends each line's steps with its share: a line's own credit is not what anybody is granted where the
/// contract caps all of them, or pays only the highest.
pub(crate) fn share_out(
    case: &Case,
    owed: &Owed,
    minors: &[BigInt],
    shares: &[BigInt],
    traces: &mut [LineTrace],
) {
    let currency = case.contract.currency;
    let amount = |minor: &BigInt| Fraction::new(rounding::to_amount(minor, currency));
    for (at, trace) in traces.iter_mut().enumerate() {
        let (Some(own), Some(share)) = (minors.get(at), shares.get(at)) else { continue };
        let Some(Step::Credit { form, .. }) = trace.steps.last() else { continue };
        if own == share {
            continue;
        }
        let form = *form;
        trace.steps.pop();
        trace.steps.push(Step::OwnCredit { credit: amount(own), currency });
        if let Some(payer) = owed.payer.filter(|payer| *payer != at) {
            let by = case.lines.get(payer).map(|line| line.sla.clone()).unwrap_or_default();
            let credit = minors.get(payer).map_or_else(|| Fraction::whole(0), amount);
            trace.steps.push(Step::Outranked { by, credit, currency });
            continue;
        }
        let alone = owed.before_caps == *own;
        trace.steps.push(Step::ContractCap {
            all: (!alone).then(|| amount(&owed.before_caps)),
            most: amount(&owed.minor),
            share: amount(share),
            currency,
        });
        if !share.is_zero() {
            trace.steps.push(Step::Credit { credit: amount(share), currency, form });
        }
    }
}
