//! Columns of varints.

/// 0, -1, 1, -2 … as 0, 1, 2, 3 …
pub(super) fn fold(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

/// What was folded.
pub(super) fn unfold(folded: u64) -> i64 {
    (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed()
}

/// Writes a block.
#[derive(Debug)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn new(version: u8) -> Self {
        Self(vec![version])
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn length(&mut self, length: usize) {
        self.number(u64::try_from(length).unwrap_or(u64::MAX));
    }

    fn number(&mut self, mut number: u64) {
        loop {
            let [low, ..] = (number & 0x7f).to_le_bytes();
            number >>= 7;
            if number == 0 {
                return self.0.push(low);
            }
            self.0.push(low | 0x80);
        }
    }

    pub(super) fn column(&mut self, numbers: impl Iterator<Item = u64>) {
        let mut zeros = 0_u64;
        for number in numbers {
            if number == 0 {
                zeros += 1;
                continue;
            }
            self.zeros(&mut zeros);
            self.number(number);
        }
        self.zeros(&mut zeros);
    }

    fn zeros(&mut self, zeros: &mut u64) {
        if let Some(more) = std::mem::take(zeros).checked_sub(1) {
            self.number(0);
            self.number(more);
        }
    }

    pub(super) fn differences(&mut self, numbers: impl Iterator<Item = i64>) {
        let mut last = 0_i64;
        self.column(numbers.map(|number| {
            let difference = number.wrapping_sub(last);
            last = number;
            fold(difference)
        }));
    }

    pub(super) fn second_differences(&mut self, numbers: impl Iterator<Item = i64>) {
        let mut last = 0_i64;
        self.differences(numbers.map(|number| {
            let difference = number.wrapping_sub(last);
            last = number;
            difference
        }));
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }
}

const CUT: &str = "it was cut off";

/// Reads a block. Nothing is larger in memory than what was asked for.
#[derive(Debug)]
pub(super) struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(&mut self, length: usize) -> Result<&'b [u8], &'static str> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(CUT)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(super) fn length(&mut self, most: usize) -> Result<usize, &'static str> {
        let length = usize::try_from(self.number()?).ok().filter(|length| *length <= most);
        length.ok_or("it holds more than it may")
    }

    fn number(&mut self) -> Result<u64, &'static str> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or(CUT)?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err("a number is too large")
    }

    pub(super) fn column(&mut self, count: usize) -> Result<Vec<u64>, &'static str> {
        let mut numbers = Vec::with_capacity(count);
        while numbers.len() < count {
            let number = self.number()?;
            numbers.push(number);
            if number == 0 {
                let more = self.length(count - numbers.len())?;
                numbers.resize(numbers.len() + more, 0);
            }
        }
        Ok(numbers)
    }

    pub(super) fn differences(&mut self, count: usize) -> Result<Vec<i64>, &'static str> {
        let mut last = 0_i64;
        let add = |folded| {
            last = last.wrapping_add(unfold(folded));
            last
        };
        Ok(self.column(count)?.into_iter().map(add).collect())
    }

    pub(super) fn second_differences(&mut self, count: usize) -> Result<Vec<i64>, &'static str> {
        let mut last = 0_i64;
        let add = |difference| {
            last = last.wrapping_add(difference);
            last
        };
        Ok(self.differences(count)?.into_iter().map(add).collect())
    }

    pub(super) fn finish(self) -> Result<(), &'static str> {
        if self.0.is_empty() { Ok(()) } else { Err("something follows its end") }
    }
}
