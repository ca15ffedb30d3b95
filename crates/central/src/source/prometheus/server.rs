//! A Prometheus, asked over its HTTP API.

use super::{Settings, count::Sampled, unusable};
use crate::outgoing;
use futures_util::StreamExt as _;
use makegood_domain::{Code, Problem};
use makegood_engine::json::Json;
use reqwest::{Client, Response, StatusCode, Url};
use std::{collections::BTreeMap, time::Duration};

/// Largest answer that is read.
const ANSWER_MAX: usize = 16 << 20;
/// Largest counter that a Prometheus still keeps exactly.
const EXACT_MAX: u64 = 1 << 53;

/// The server of a source.
#[derive(Debug)]
pub(super) struct Server {
    http: Client,
    url: Url,
    token: Option<String>,
}

impl Server {
    pub(super) fn new(settings: &Settings) -> Result<Self, Problem> {
        let http = outgoing::client(&settings.url, Duration::from_secs(30)).map_err(|error| {
            Problem::new(Code::SourceUnreachable, format!("no connection can be made: {error}"))
        })?;
        let token = settings.token_file.as_deref().map(|file| {
            let text = std::fs::read_to_string(file).map_err(|error| {
                let why = format!("{}: {error}; put the token there", file.display());
                Problem::new(Code::File, why)
            })?;
            Ok::<_, Problem>(text.trim().to_owned())
        });
        Ok(Self { http, url: settings.url.clone(), token: token.transpose()? })
    }

    /// The raw samples that `query` selects at the instant `at`.
    pub(super) async fn samples(&self, query: &str, at: i64) -> Result<Vec<Sampled>, Problem> {
        let url = self
            .url
            .join("api/v1/query")
            .map_err(|error| Problem::new(Code::Invalid, format!("{}: {error}", self.url)))?;
        let mut request = self.http.get(url).query(&[("query", query), ("time", &at.to_string())]);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        let bytes = self.whole(response).await?;
        matrix(status, &bytes)
    }

    async fn whole(&self, response: Response) -> Result<Vec<u8>, Problem> {
        let (mut bytes, mut stream) = (Vec::new(), response.bytes_stream());
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| self.unreachable(&error))?;
            if bytes.len() + chunk.len() > ANSWER_MAX {
                return Err(unusable("the answer is over 16 MiB; ask for fewer slots_per_turn"));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// The error without the address: it holds the whole query.
    fn unreachable(&self, error: &reqwest::Error) -> Problem {
        let why = if error.is_timeout() { "it does not answer in time" } else { "no connection" };
        let host = self.url.host_str().unwrap_or_default();
        Problem::new(
            Code::SourceUnreachable,
            format!("{host}: {why}; see that it runs and can be reached from here"),
        )
    }
}

/// Reads an answer: whole, of raw samples, and with nothing left out.
fn matrix(status: StatusCode, bytes: &[u8]) -> Result<Vec<Sampled>, Problem> {
    let answer = Json::parse(bytes)
        .map_err(|_| unusable(&format!("HTTP {status}, and the answer is no JSON")))?;
    let text = |value: Option<&Json>| match value {
        Some(Json::Text(text)) => text.clone(),
        _ => String::new(),
    };
    if text(answer.get("status")) != "success" {
        return Err(unusable(&format!("HTTP {status}: {}", text(answer.get("error")))));
    }
    if let Some(Json::List(warnings)) = answer.get("warnings")
        && !warnings.is_empty()
    {
        let said = text(warnings.first());
        return Err(unusable(&format!("the answer may not be whole: {said}")));
    }
    let data = answer.get("data");
    let kind = text(data.and_then(|data| data.get("resultType")));
    if kind != "matrix" {
        return Err(unusable(&format!(
            "the query gives a {kind}; write a selector of counters such as requests_total[$range], without a function"
        )));
    }
    let Some(Json::List(series)) = data.and_then(|data| data.get("result")) else {
        return Err(unusable("the answer has no result"));
    };
    series.iter().map(sampled).collect()
}

fn sampled(series: &Json) -> Result<Sampled, Problem> {
    let mut labels = BTreeMap::new();
    if let Some(Json::Object(members)) = series.get("metric") {
        for (name, value) in members {
            if let Json::Text(value) = value {
                labels.insert(name.clone(), value.clone());
            }
        }
    }
    let Some(Json::List(values)) = series.get("values") else {
        return Err(unusable("a series has no plain values; histograms are not counters"));
    };
    let name = labels.get("__name__").cloned().unwrap_or_default();
    let samples = values.iter().map(|value| sample(value, &name));
    Ok(Sampled { samples: samples.collect::<Result<_, _>>()?, labels })
}

fn sample(value: &Json, name: &str) -> Result<(i64, u64), Problem> {
    let Json::List(pair) = value else { return Err(unusable("a sample is no pair")) };
    let [Json::Number(at), Json::Text(count)] = pair.as_slice() else {
        return Err(unusable("a sample is no instant with a value"));
    };
    let at = millis(at).ok_or_else(|| unusable(&format!("{at:?} is no instant")))?;
    let count = count.parse().ok().filter(|count| *count <= EXACT_MAX).ok_or_else(|| {
        unusable(&format!(
            "{name} shows {count}, which is no whole count up to 2^53; name a counter of requests"
        ))
    })?;
    Ok((at, count))
}

/// Seconds as decimal text, such as `1435781430.781`, in milliseconds.
fn millis(seconds: &str) -> Option<i64> {
    let (whole, part) = seconds.split_once('.').unwrap_or((seconds, ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    whole.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(digits.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &str) -> Result<Vec<Sampled>, Problem> {
        let text = format!(
            r#"{{"status":"success","data":{{"resultType":"matrix","result":[
               {{"metric":{{"__name__":"requests_total"}},"values":{values}}}]}}}}"#
        );
        matrix(StatusCode::OK, text.as_bytes())
    }

    #[test]
    fn samples_are_read_to_the_unit_and_the_millisecond() {
        let read =
            read(r#"[[1435781430.781,"9007199254740992"],[1435781431,"0"],[1435781432.5,"7"]]"#);
        let expected =
            [(1_435_781_430_781, 1 << 53), (1_435_781_431_000, 0), (1_435_781_432_500, 7)];
        assert_eq!(read.unwrap()[0].samples, expected);
    }

    #[test]
    fn what_is_no_whole_count_is_refused() {
        for value in ["1.5", "NaN", "+Inf", "-1", "1e21", "9007199254740993", ""] {
            let problem = read(&format!(r#"[[1435781430,"{value}"]]"#)).unwrap_err();
            assert_eq!(problem.code, Code::SourceAnswer, "{value}");
        }
    }

    #[test]
    fn an_answer_with_warnings_may_not_be_whole() {
        let text = r#"{"status":"success","warnings":["store is down"],
                       "data":{"resultType":"matrix","result":[]}}"#;
        let problem = matrix(StatusCode::OK, text.as_bytes()).unwrap_err();
        assert_eq!(problem.message, "the answer may not be whole: store is down");
    }
}
