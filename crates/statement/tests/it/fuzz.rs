//! Whatever a file holds: verification ends soon, with a reason, and calls nothing valid that was
//! not sealed. `MAKEGOOD_FUZZ_SECONDS` says how long each test searches (2 by default),
//! `MAKEGOOD_FUZZ_SEED` where it begins.

use crate::northwind;
use makegood_domain::random::Random;
use makegood_statement::{Trust, Verdict, preview, render, verify};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Far more than any file takes in an unoptimised build on a busy machine, far less than a hang.
const HANG: Duration = Duration::from_secs(30);
/// A statement of this test is 70 KB; what it may take to say that it is broken, in KB.
const MOST_MEMORY: u64 = 1 << 20;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn sample() -> &'static (Vec<u8>, Trust) {
    static SAMPLE: OnceLock<(Vec<u8>, Trust)> = OnceLock::new();
    SAMPLE.get_or_init(|| northwind::sealed(&render(&northwind::document()).unwrap()))
}

/// Chance, told by a seed.
struct Dice {
    random: Random,
    left: Vec<u8>,
}

impl Dice {
    fn new(seed: u64) -> Self {
        Self { random: Random::seeded(seed), left: Vec::new() }
    }

    fn byte(&mut self) -> u8 {
        if self.left.is_empty() {
            self.left = self.random.bytes32().to_vec();
        }
        self.left.pop().unwrap()
    }

    /// Less than this.
    fn below(&mut self, most: usize) -> usize {
        let number = (0..4).fold(0_usize, |sum, _| sum << 8 | usize::from(self.byte()));
        number % most.max(1)
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// What a value of a PDF may be replaced by.
const VALUES: [&str; 14] = [
    "0",
    "-1",
    "1",
    "99999999999999999999",
    "2147483648",
    "null",
    "true",
    "[]",
    "<<>>",
    "()",
    "<>",
    "/Name",
    "1 0 R",
    "999 0 R",
];

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0)
}

/// Searches for as long as it is told to.
fn search(make: impl Fn(&mut Dice) -> Vec<u8>) {
    let budget = Duration::from_secs(number("MAKEGOOD_FUZZ_SECONDS").unwrap_or(2));
    let first = number("MAKEGOOD_FUZZ_SEED").unwrap_or(0).wrapping_mul(1 << 32);
    let (genuine, trust) = sample();
    let (began, mut seed) = (Instant::now(), first);
    while began.elapsed() < budget {
        let bytes = make(&mut Dice::new(seed));
        let started = Instant::now();
        let found = std::panic::catch_unwind(|| {
            let found = verify(&bytes, trust, northwind::sealing_time());
            if seed.is_multiple_of(16) {
                let _ = preview(&bytes, 0, 60);
            }
            found
        });
        let found = found.unwrap_or_else(|_| panic!("seed {seed} makes it panic"));
        assert!(started.elapsed() < HANG, "seed {seed} takes {:?}", started.elapsed());
        assert!(found.checks.iter().all(|check| !check.reason.is_empty()), "seed {seed}");
        assert!(
            found.verdict == Verdict::Invalid || bytes == *genuine,
            "seed {seed} is called {:?}",
            found.verdict
        );
        seed = seed.wrapping_add(1);
    }
    assert!(peak() < MOST_MEMORY, "{} KB were held at once", peak());
}

/// Bytes moved, cut, doubled, flipped.
#[test]
fn fuzz_a_sealed_file_with_other_bytes() {
    search(|dice| {
        let mut bytes = sample().0.clone();
        for _ in 0..=dice.below(4) {
            let (at, other) = (dice.below(bytes.len()), dice.below(bytes.len()));
            let length = dice.below(300).min(bytes.len() - at.max(other));
            match dice.below(5) {
                0 => bytes[at] = dice.byte(),
                1 => drop(bytes.drain(at..at + length)),
                2 => {
                    let part = bytes[other..other + length].to_vec();
                    bytes.splice(at..at, part);
                }
                3 => bytes.truncate(at.max(1)),
                _ => {
                    let value = dice.of(&VALUES);
                    bytes.splice(at..at, value.bytes());
                }
            }
            if bytes.is_empty() {
                break;
            }
        }
        bytes
    });
}

/// The objects of a file's first part, in order, and what follows that part.
fn objects(bytes: &[u8]) -> (Vec<Vec<u8>>, Vec<u8>) {
    let find = |what: &[u8], from: usize| {
        bytes[from..].windows(what.len()).position(|part| part == what).map(|at| from + at)
    };
    let table = find(b"\nxref\n", 0).unwrap() + 1;
    let end = find(b"%%EOF\n", table).unwrap() + 6;
    let (mut all, mut at) = (Vec::new(), find(b"1 0 obj", 0).unwrap());
    loop {
        let next = find(format!("endobj\n{} 0 obj\n", all.len() + 2).as_bytes(), at);
        let stop = next.map_or(table, |next| next + 7);
        all.push(bytes[at..stop].to_vec());
        if next.is_none() {
            return (all, bytes[end..].to_vec());
        }
        at = stop;
    }
}

/// Writes objects with a table that fits them: what was changed is then read, not only found.
fn written(objects: &[Vec<u8>], rest: &[u8]) -> Vec<u8> {
    let genuine = &sample().0;
    let start = genuine.windows(7).position(|part| part == b"1 0 obj").unwrap();
    let mut out = genuine[..start].to_vec();
    let mut table = String::new();
    for object in objects {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.extend(object);
    }
    let at = out.len();
    let text = String::from_utf8_lossy(genuine);
    let trailer = text.split("trailer\n").nth(1).unwrap().split("\nstartxref").next().unwrap();
    let size = objects.len() + 1;
    out.extend(format!("xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n").bytes());
    out.extend(format!("{trailer}\nstartxref\n{at}\n%%EOF\n").bytes());
    out.extend(rest);
    out
}

/// A stream that unpacks to a hundred megabytes.
fn bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    BOMB.get_or_init(|| {
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(&vec![b'0'; 100 << 20], 6);
        let head = format!("<</Length {}/Filter /FlateDecode>>\nstream\n", packed.len());
        [head.as_bytes(), &packed, b"\nendstream"].concat()
    })
}

/// Changes one object: a value, a reference, a key, or all of it.
fn change(object: &mut Vec<u8>, number: usize, count: usize, dice: &mut Dice) {
    let head = format!("{} 0 obj\n", number + 1);
    let tail = b"\nendobj\n";
    let body_end = object.len().saturating_sub(tail.len());
    let dictionary = object.windows(7).position(|part| part == b"\nstream").unwrap_or(body_end);
    let places: Vec<usize> = (head.len()..dictionary)
        .filter(|at| b" [".contains(&object[*at]) && object.get(at + 1).is_some())
        .collect();
    if places.is_empty() || dice.below(12) == 0 {
        let body = if dice.below(2) == 0 { bomb() } else { dice.of(&VALUES).as_bytes() };
        *object = [head.as_bytes(), body, tail].concat();
        return;
    }
    let at = places[dice.below(places.len())] + 1;
    let stop = (at..dictionary).find(|end| b" /]>".contains(&object[*end])).unwrap_or(dictionary);
    let value = match dice.below(3) {
        0 => format!("{} 0 R", 1 + dice.below(count)),
        _ => dice.of(&VALUES).to_owned(),
    };
    object.splice(at..stop, value.into_bytes());
}

#[test]
fn fuzz_a_sealed_file_with_other_objects_and_a_table_that_fits() {
    let (genuine, rest) = objects(&sample().0);
    assert!(written(&genuine, &rest) == sample().0, "taken apart and put together, it is the same");
    search(|dice| {
        let mut objects = genuine.clone();
        for _ in 0..=dice.below(3) {
            let number = dice.below(objects.len());
            let count = objects.len();
            change(&mut objects[number], number, count, dice);
        }
        // Half of them with the seal that no longer fits, half without any.
        let rest = if dice.below(2) == 0 { rest.as_slice() } else { &[] };
        written(&objects, rest)
    });
}
