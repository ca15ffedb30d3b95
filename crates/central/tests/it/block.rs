//! The bytes of slots: what was written is read again, and nothing else is.

use makegood_central::ingest::{
    Recorded, Stretch,
    block::{ENTRIES_MAX, decode, encode},
    slots::Run,
};
use makegood_domain::{Code, id::SeriesId};
use proptest::{collection::vec, option, prelude::*};
use sha2::{Digest as _, Sha256};

fn series(number: u128) -> SeriesId {
    uuid::Uuid::from_u128(number).into()
}

/// Anything at all that an entry can hold.
fn entry() -> impl Strategy<Value = Recorded> {
    let number = || prop_oneof![0..5_u64, 0..100_000_u64, any::<u64>()].boxed();
    let count = prop_oneof![Just(1_u32), 1..300_u32, 1..=u32::MAX];
    let value = option::weighted(0.2, "-?[0-9]{1,6}(\\.[0-9]{1,4})?|ä");
    let run = (count, option::of(number()), option::of(number()), value)
        .prop_map(|(count, requests, errors, value)| Run { count, requests, errors, value });
    let at = || prop_oneof![1_790_000_000..1_790_100_000_i64, any::<i64>()].boxed();
    let slot = prop_oneof![Just(300_u32), 1..=u32::MAX];
    (at(), slot, run, at(), at(), at()).prop_map(
        |(start, slot, run, observed_at, recorded_at, position)| Recorded {
            stretch: Stretch { start, slot: i64::from(slot), run },
            observed_at,
            recorded_at,
            position,
        },
    )
}

proptest! {
    #[test]
    fn what_was_written_is_read_again(
        entries in vec((any::<u128>(), vec(entry(), 0..40)), 0..4),
    ) {
        let entries: Vec<_> = entries.into_iter().map(|(id, of)| (series(id), of)).collect();
        prop_assert_eq!(decode(&encode(&entries)).unwrap(), entries);
    }

    /// Whoever can compute the sum can write anything; it is refused, or read and written the same.
    #[test]
    fn nothing_that_stands_in_a_block_panics(
        entries in vec(entry(), 1..6),
        cuts in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        shorter in option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = encode(&[(series(7), entries)]);
        bytes.truncate(bytes.len() - 8);
        for (at, byte) in cuts {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(at) = shorter {
            bytes.truncate(at.index(bytes.len()) + 1);
        }
        let sum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&sum[..8]);
        if let Ok(read) = decode(&bytes) {
            let held: usize = read.iter().map(|(_, entries)| entries.len()).sum();
            prop_assert!(held <= ENTRIES_MAX);
            prop_assert_eq!(decode(&encode(&read)).unwrap(), read);
        }
    }
}

/// A day of five-minute slots, with requests that change and errors in one of ten.
fn day() -> Vec<Recorded> {
    let slot = |at: u64| {
        let mixed = at.wrapping_mul(2_654_435_761) % (1 << 32);
        let requests = 200 + (mixed >> 7) % 1_801;
        let errors = if (mixed >> 11).is_multiple_of(10) { 1 + (mixed >> 16) % 100 } else { 0 };
        Recorded {
            stretch: Stretch {
                start: 1_790_035_200 + 300 * i64::try_from(at).unwrap(),
                slot: 300,
                run: Run { count: 1, requests: Some(requests), errors: Some(errors), value: None },
            },
            observed_at: 1_790_121_600,
            recorded_at: 1_790_121_660,
            position: 77,
        }
    };
    (0..288).map(slot).collect()
}

#[test]
fn a_day_takes_little_more_than_two_and_a_half_bytes_a_slot() {
    let bytes = encode(&[(series(1), day())]);
    assert!(bytes.len() * 10 <= 288 * 26, "{} bytes of 288 slots", bytes.len());
}

#[test]
fn a_block_that_was_cut_or_altered_anywhere_is_refused() {
    let bytes = encode(&[(series(1), day())]);
    for length in 0..bytes.len() {
        assert_eq!(decode(&bytes[..length]).unwrap_err().code, Code::Internal, "{length}");
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut altered = bytes.clone();
            altered[at] ^= 1 << bit;
            assert!(decode(&altered).is_err(), "byte {at}, bit {bit}");
        }
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(decode(&longer).is_err());
}

#[test]
fn few_bytes_claim_no_more_than_a_block_holds() {
    let claim = |count: usize| {
        // One series, so many entries, and ten columns of nothing but zeros.
        let mut bytes = vec![1, 1];
        bytes.extend_from_slice(&[0; 16]);
        let mut number = count;
        while number > 127 {
            bytes.push(u8::try_from(number % 128).unwrap() | 128);
            number /= 128;
        }
        bytes.push(u8::try_from(number).unwrap());
        let sum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&sum[..8]);
        decode(&bytes).unwrap_err().message
    };
    assert!(claim(ENTRIES_MAX + 1).contains("more than it may"));
    assert!(claim(usize::MAX).contains("more than it may"));
    assert!(claim(ENTRIES_MAX).contains("cut off"));
}

/// What central has stored it can read for ever: the bytes of version 1.
#[test]
fn version_1_is_written_as_ever() {
    let slot = |start, requests, errors| Recorded {
        stretch: Stretch {
            start,
            slot: 300,
            run: Run { count: 1, requests: Some(requests), errors: Some(errors), value: None },
        },
        observed_at: 1_790_121_600,
        recorded_at: 1_790_121_601,
        position: 5,
    };
    let mut value = slot(1_790_036_400, 0, 0);
    value.stretch.run = Run { count: 3, requests: None, errors: None, value: Some("1.5".into()) };
    let entries = vec![slot(1_790_035_200, 1000, 0), slot(1_790_035_500, 990, 7), value];
    let bytes = encode(&[(series(0xab), entries.clone())]);
    let parts = [
        ("version", "01"),
        ("directory", "01000000000000000000000000000000ab03"),
        ("begin", "80948eab0d0000b009"),
        ("length", "d8040001"),
        ("how many", "000102"),
        ("holds", "06000002"),
        ("observed", "80da98ab0dffd998ab0d0000"),
        ("recorded", "020001"),
        ("position", "0a090000"),
        ("requests", "d00f13"),
        ("errors", "000007"),
        ("values", "03312e35"),
    ];
    let expected: String = parts.iter().map(|(_, hex)| *hex).collect();
    let (body, sum) = bytes.split_at(bytes.len() - 8);
    assert_eq!(hex::encode(body), expected);
    assert_eq!(sum, &Sha256::digest(body)[..8]);
    assert_eq!(decode(&bytes).unwrap(), [(series(0xab), entries)]);
}
