//! What people call by a name or number that is not necessarily one thing's alone.

use makegood_domain::{Code, Problem};

/// How many are listed to choose from.
const LISTED: usize = 5;

/// The only one that is called so. Where several are, nobody is taken for another: their ids are named.
///
/// # Errors
/// [`Code::NotFound`] when there is none; [`Code::Invalid`] when there are several.
pub fn only<T>(
    what: &str,
    asked: &str,
    mut found: Vec<T>,
    id: impl Fn(&T) -> String,
) -> Result<T, Problem> {
    if found.len() > 1 {
        let mut ids: Vec<String> = found.iter().take(LISTED).map(id).collect();
        if found.len() > LISTED {
            ids.push("…".to_owned());
        }
        let why = format!(
            "{} are {what} {asked}: say which by its id, {}",
            found.len(),
            ids.join(" or ")
        );
        return Err(Problem::new(Code::Invalid, why));
    }
    found.pop().ok_or_else(|| {
        let why = format!("no {what} {asked} in the local copy; sync, and try again");
        Problem::new(Code::NotFound, why)
    })
}

#[cfg(test)]
mod tests {
    use super::only;
    use makegood_domain::Code;

    #[test]
    fn of_several_none_is_taken_and_their_ids_are_named() {
        let called = |found: Vec<u8>| only("customer", "Northwind", found, u8::to_string);
        assert_eq!(called(vec![7]), Ok(7));
        assert_eq!(called(vec![]).unwrap_err().code, Code::NotFound);
        let problem = called(vec![1, 2]).unwrap_err();
        assert_eq!(problem.code, Code::Invalid);
        assert_eq!(problem.message, "2 are customer Northwind: say which by its id, 1 or 2");
    }
}
