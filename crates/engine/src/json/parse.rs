//! Reading JSON text.

use super::Json;
use crate::refusal::Refusal;

const DEPTH_MAX: usize = 128;

pub(super) fn parse(bytes: &[u8]) -> Result<Json, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = place(bytes, error.valid_up_to());
        Refusal::new(at, "this is not UTF-8; a case is JSON in UTF-8")
    })?;
    let mut parser = Parser { bytes: text.as_bytes(), text, at: 0 };
    if text.starts_with('\u{feff}') {
        return Err(parser.refuse("a byte order mark stands here; remove it"));
    }
    parser.space();
    let value = parser.value(0)?;
    parser.space();
    if parser.at < parser.bytes.len() {
        return Err(parser.refuse("something stands after the value; a file holds one value"));
    }
    Ok(value)
}

/// `line 3, column 7` of a byte offset.
fn place(bytes: &[u8], at: usize) -> String {
    let before = bytes.get(..at).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |found| found + 1);
    format!("line {line}, column {}", at - start + 1)
}

struct Parser<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn refuse(&self, message: &str) -> Refusal {
        Refusal::new(place(self.bytes, self.at), format!("this is not JSON: {message}"))
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, Refusal> {
        if depth > DEPTH_MAX {
            return Err(self.refuse("it is nested more than 128 levels deep"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => Ok(Json::Text(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            Some(_) => Err(self.refuse("a value was expected here")),
            None => Err(self.refuse("the text ends where a value was expected")),
        }
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, Refusal> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.refuse("a value was expected here"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn object(&mut self, depth: usize) -> Result<Json, Refusal> {
        self.at += 1;
        let mut members = Vec::new();
        self.space();
        if self.take(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.refuse("a key in quotation marks was expected here"));
            }
            let key = self.string()?;
            self.space();
            if !self.take(b':') {
                return Err(self.refuse("a colon was expected here"));
            }
            self.space();
            members.push((key, self.value(depth + 1)?));
            self.space();
            if self.take(b'}') {
                return Ok(Json::Object(members));
            }
            if !self.take(b',') {
                return Err(self.refuse("a comma or a closing brace was expected here"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json, Refusal> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.take(b']') {
            return Ok(Json::List(items));
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            if self.take(b']') {
                return Ok(Json::List(items));
            }
            if !self.take(b',') {
                return Err(self.refuse("a comma or a closing bracket was expected here"));
            }
        }
    }

    fn digits(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.refuse("a digit was expected here"));
        }
        Ok(())
    }

    fn number(&mut self) -> Result<Json, Refusal> {
        let start = self.at;
        self.take(b'-');
        if self.take(b'0') {
            if matches!(self.peek(), Some(b'0'..=b'9')) {
                return Err(self.refuse("a number has no leading zero"));
            }
        } else {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(Json::Number(self.text[start..self.at].to_owned()))
    }

    fn string(&mut self) -> Result<String, Refusal> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), Some(b'"' | b'\\' | 0..=0x1f) | None) {
                self.at += 1;
            }
            text.push_str(&self.text[start..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => return Err(self.refuse("a control character must be escaped")),
                None => return Err(self.refuse("the text ends inside a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Refusal> {
        self.at += 1;
        let letter = self.peek().ok_or_else(|| self.refuse("the text ends inside a string"))?;
        let found = match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(self.refuse("there is no such escape")),
        };
        self.at += 1;
        Ok(found)
    }

    fn unicode(&mut self) -> Result<char, Refusal> {
        self.at += 1;
        let first = self.hex()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            if !(self.take(b'\\') && self.take(b'u')) {
                return Err(self.refuse("half a surrogate pair"));
            }
            let second = self.hex()?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(self.refuse("half a surrogate pair"));
            }
            0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.refuse("half a surrogate pair"))
    }

    fn hex(&mut self) -> Result<u32, Refusal> {
        let digits = self.bytes.get(self.at..self.at + 4).unwrap_or_default();
        if digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(self.refuse("four hexadecimal digits were expected here"));
        }
        let code = digits
            .iter()
            .fold(0, |code, digit| code * 16 + char::from(*digit).to_digit(16).unwrap_or_default());
        self.at += 4;
        Ok(code)
    }
}
