//! The database's address.

use super::Dialect;
use crate::outgoing::is_here;
use makegood_domain::{Code, Problem};
use reqwest::Url;

/// Which database `url` names.
///
/// # Errors
/// [`Code::Database`] for one that is none of ours.
pub(super) fn dialect(url: &str) -> Result<Dialect, Problem> {
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        return Ok(Dialect::Postgres);
    }
    if url.starts_with("sqlite:") {
        return Ok(Dialect::Sqlite);
    }
    Err(Problem::new(
        Code::Database,
        "the database's address begins with sqlite: or postgres://; give one of them",
    ))
}

/// The address of a PostgreSQL as it is connected to: over a network by TLS alone, and only to whom its certificate
/// names, in this machine without, unless the address itself says `sslmode`. Left to itself, PostgreSQL's protocol
/// takes what it gets.
pub(super) fn guarded(url: &str) -> String {
    let Ok(mut parsed) = Url::parse(url) else { return url.to_owned() };
    let says = |key: &str| parsed.query_pairs().any(|(name, _)| name == key);
    if says("sslmode") || says("ssl-mode") {
        return url.to_owned();
    }
    // The last that is named counts, as for who connects.
    let named =
        parsed.query_pairs().filter(|(name, _)| name == "host" || name == "hostaddr").last();
    let host = named.map(|(_, host)| host.into_owned());
    let host = host.unwrap_or_else(|| parsed.host_str().unwrap_or("").to_owned());
    // Without a host, or with a folder in its place, it is a socket of this machine.
    if host.is_empty() || host.starts_with('/') || host.starts_with("%2F") {
        return url.to_owned();
    }
    let mode = if is_here(&host) { "disable" } else { "verify-full" };
    // A certificate names an address without its brackets.
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    if let Some(bare) = bare {
        parsed.query_pairs_mut().append_pair("host", bare);
    }
    parsed.query_pairs_mut().append_pair("sslmode", mode);
    parsed.into()
}

/// What a server at `url` can't be reached for, with the way out where it may be its certificate.
pub(super) fn unreached(url: &str, problem: Problem) -> Problem {
    if !guarded(url).ends_with("sslmode=verify-full") {
        return problem;
    }
    let why = format!(
        "{}; over a network TLS is asked for, and a certificate for the host's name: add \
         ?sslrootcert=FILE to the address for an authority of your own, or sslmode=disable where the \
         network itself is guarded",
        problem.message
    );
    Problem { message: why, ..problem }
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_server_over_a_network_is_asked_for_its_certificate_unless_the_address_says_otherwise() {
        for (given, wanted) in [
            (
                "postgres://m:p%40@db.example.com/m",
                "postgres://m:p%40@db.example.com/m?sslmode=verify-full",
            ),
            (
                "postgres://m@10.0.0.7:5433/m?sslrootcert=/etc/root.pem",
                "postgres://m@10.0.0.7:5433/m?sslrootcert=/etc/root.pem&sslmode=verify-full",
            ),
            ("postgresql://m@db/m?sslmode=disable", "postgresql://m@db/m?sslmode=disable"),
            ("postgres://m@localhost/m", "postgres://m@localhost/m?sslmode=disable"),
            ("postgres://m@[::1]/m", "postgres://m@[::1]/m?host=%3A%3A1&sslmode=disable"),
            (
                "postgres://m@[2001:db8::7]/m",
                "postgres://m@[2001:db8::7]/m?host=2001%3Adb8%3A%3A7&sslmode=verify-full",
            ),
            (
                "postgres:///m?host=db.example.com",
                "postgres:///m?host=db.example.com&sslmode=verify-full",
            ),
            (
                "postgres://m@localhost/m?hostaddr=10.0.0.7",
                "postgres://m@localhost/m?hostaddr=10.0.0.7&sslmode=verify-full",
            ),
            ("postgres:///m?host=/run/postgresql", "postgres:///m?host=/run/postgresql"),
            ("postgres://m@%2Frun%2Fpostgresql/m", "postgres://m@%2Frun%2Fpostgresql/m"),
        ] {
            assert_eq!(guarded(given), wanted);
        }
    }
}
