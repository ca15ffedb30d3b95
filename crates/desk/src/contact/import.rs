//! Contacts out of a table: looked at line by line, and entered all or none.

use crate::{
    desk::{Decision, Desk, Queued},
    seat::Inside,
};
use makegood_domain::{
    Problem,
    command::Verb,
    contact::{AddressLine, Contact, ContactRole, ContactWanted},
    customer::Customer,
    id::CustomerId,
    person::Permission,
    policy,
    table::{Row, Rows, refuse},
};
use makegood_mirror::Reader;
use serde::Serialize;
use std::collections::BTreeMap;
use ts_rs::TS;

/// Columns that have to be there, and those that may be.
const COLUMNS: (&[&str], &[&str]) =
    (&["customer", "name", "address", "role", "language"], &["line"]);

/// What a table of contacts comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ContactImport {
    /// Each line, in the table's order.
    pub rows: Vec<ContactImportRow>,
    /// How many are entered, unconfirmed.
    pub new: usize,
    /// How many are there already, and stay as they are.
    pub known: usize,
    /// How many can't be right. With one of them nothing is entered.
    pub wrong: usize,
    /// The commands that enter them, line by line; empty while it is only looked at.
    #[serde(skip)]
    #[ts(skip)]
    pub queued: Vec<(usize, Queued)>,
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "../../../ui/src/bindings/")]
pub struct ContactImportRow {
    /// Its line in the file, from 1.
    #[ts(type = "number")]
    pub line: u64,
    /// The customer, by name where it is known.
    pub customer: String,
    /// `Kreditoren <ap@northwind.example>`.
    pub contact: String,
    /// `new`, `known` or `wrong`.
    #[ts(type = "\"new\" | \"known\" | \"wrong\"")]
    pub what: String,
    /// In words: what is wrong, or what differs from what is on record.
    pub text: String,
}

/// A line, looked at.
enum Looked {
    New(ContactWanted),
    Known(String),
    Wrong(Problem),
}

/// What is there before the table: customers by their key, and whom each knows.
struct Here {
    customers: BTreeMap<String, Customer>,
    by_name: BTreeMap<String, Vec<String>>,
    contacts: BTreeMap<CustomerId, Vec<Known>>,
    waiting: Vec<ContactWanted>,
}

/// A contact that is there, or comes earlier in the table.
#[derive(Clone)]
struct Known {
    role: ContactRole,
    line: AddressLine,
    name: String,
    address: String,
    language: String,
    at: Option<u64>,
}

impl Desk {
    /// What a table of contacts would come to, line by line. Its columns: `customer` (its key, or its
    /// name where no other has it), `name`, `address`, `role`, `language`; `line` (`to`, else `cc`).
    ///
    /// # Errors
    /// [`makegood_domain::Code::RoleMissing`]; what [`Rows::read`] gives for what is no such table; [`makegood_domain::Code::Database`].
    pub async fn plan_contacts(&self, table: &[u8]) -> Result<ContactImport, Problem> {
        let inside = self.inside().await?;
        Ok(inside.look_at(table).await?.0)
    }

    /// Enters them, each unconfirmed: somebody else confirms each before anything is sent there. Again,
    /// it enters none twice.
    ///
    /// # Errors
    /// The first line's that can't be right, and then nothing is entered; as
    /// [`Desk::plan_contacts`].
    pub async fn import_contacts(&self, table: &[u8]) -> Result<ContactImport, Problem> {
        let inside = self.inside().await?;
        let (mut import, looked) = inside.look_at(table).await?;
        let (mut lines, mut decisions) = (Vec::new(), Vec::new());
        for (at, one) in looked.into_iter().enumerate() {
            match one {
                Looked::Wrong(problem) => return Err(problem),
                Looked::Known(_) => {}
                Looked::New(wanted) => {
                    lines.push(at);
                    decisions.push(Decision {
                        what: format!("Enter the contact {}", wanted.name),
                        subject: import.rows[at].customer.clone(),
                        verb: Verb::PutContact(wanted),
                        base: Vec::new(),
                        hold: false,
                    });
                }
            }
        }
        let queued = self.decide_all(&inside, decisions).await?;
        import.queued = lines.into_iter().zip(queued).collect();
        Ok(import)
    }
}

impl Inside {
    async fn look_at(&self, table: &[u8]) -> Result<(ContactImport, Vec<Looked>), Problem> {
        policy::require(&self.actor(), Permission::KeepContacts)?;
        let rows = Rows::read(table, COLUMNS.0, COLUMNS.1)?;
        let mut here = self.here().await?;
        let mut reader = self.mirror().reader().await?;
        let mut import =
            ContactImport { rows: Vec::new(), new: 0, known: 0, wrong: 0, queued: Vec::new() };
        let mut looked = Vec::new();
        for row in rows.iter() {
            let one = match self.read(&mut reader, &mut here, row).await {
                Ok(one) => one,
                // What is no flaw of the line is no reason to call it wrong.
                Err(problem) if problem.path.is_none() => return Err(problem),
                Err(problem) => Looked::Wrong(problem),
            };
            let (what, text) = match &one {
                Looked::New(_) => ("new", "New, to be confirmed".to_owned()),
                Looked::Known(text) => ("known", text.clone()),
                Looked::Wrong(problem) => ("wrong", problem.message.clone()),
            };
            *match &one {
                Looked::New(_) => &mut import.new,
                Looked::Known(_) => &mut import.known,
                Looked::Wrong(_) => &mut import.wrong,
            } += 1;
            let said = |column| row.get(column).unwrap_or_default();
            let customer = here.customer(said("customer")).map_or(said("customer"), |c| &c.name);
            import.rows.push(ContactImportRow {
                line: row.line(),
                customer: customer.to_owned(),
                contact: format!("{} <{}>", said("name"), said("address")),
                what: what.to_owned(),
                text,
            });
            looked.push(one);
        }
        Ok((import, looked))
    }

    /// The outbox first: what the mirror passes meanwhile is met twice, which is harmless.
    async fn here(&self) -> Result<Here, Problem> {
        let pending = self.outbox.pending(self.mirror().seq().await?).await?;
        let verbs = pending.into_iter().map(|entry| entry.command.verb);
        let waiting = verbs.filter_map(|verb| match verb {
            Verb::PutContact(wanted) => Some(wanted),
            _ => None,
        });
        let waiting = waiting.collect();
        let mut reader = self.mirror().reader().await?;
        let all: Vec<Customer> = reader.every().await?;
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for one in &all {
            by_name.entry(one.name.clone()).or_default().push(one.key.clone());
        }
        let customers = all.into_iter().map(|one| (one.key.clone(), one)).collect();
        Ok(Here { customers, by_name, contacts: BTreeMap::new(), waiting })
    }

    async fn read(
        &self,
        reader: &mut Reader,
        here: &mut Here,
        row: Row<'_>,
    ) -> Result<Looked, Problem> {
        let line = row.line();
        let key = row.required("customer")?;
        let unknown = || {
            let why = format!("there is no customer {key:?} here, or several are called so");
            refuse(line, "customer", &why)
        };
        let customer = here.customer(key).ok_or_else(unknown)?.id;
        let wanted = wanted(row, customer, self.ids.make())?;
        let known = here.known(reader, customer).await?;
        let same = known
            .iter()
            .find(|one| (one.role, one.address.as_str()) == (wanted.role, wanted.address.as_str()));
        if let Some(same) = same {
            return match same.at {
                Some(before) => {
                    Err(refuse(line, "address", &format!("line {before} names the same contact")))
                }
                None => Ok(Looked::Known(same.said(&wanted))),
            };
        }
        known.push(Known::new(&wanted, Some(line)));
        Ok(Looked::New(wanted))
    }
}

fn wanted(
    row: Row<'_>,
    customer: CustomerId,
    contact: makegood_domain::id::ContactId,
) -> Result<ContactWanted, Problem> {
    let line = row.line();
    let role = row.required("role")?;
    // `Accounts payable` stands on screens, `accounts_payable` in what machines write.
    let written = role.to_lowercase().replace(' ', "_");
    let roles = || ContactRole::ALL.map(ContactRole::as_str).join(", ");
    let on = row.get("line").unwrap_or("to");
    let wanted = ContactWanted {
        contact,
        customer,
        role: ContactRole::parse(&written).ok_or_else(|| {
            refuse(line, "role", &format!("no contact is for {role:?}; write {}", roles()))
        })?,
        line: AddressLine::parse(&on.to_lowercase())
            .ok_or_else(|| refuse(line, "line", &format!("{on:?} is no line; write to or cc")))?,
        name: row.required("name")?.to_owned(),
        address: row.required("address")?.to_owned(),
        language: row.required("language")?.to_lowercase(),
    };
    match wanted.flaw() {
        Some((field, why)) => Err(refuse(line, field, &why)),
        None => Ok(wanted),
    }
}

impl Here {
    /// By its key, or by a name that one alone has.
    fn customer(&self, called: &str) -> Option<&Customer> {
        let named = || match self.by_name.get(called).map(Vec::as_slice) {
            Some([key]) => self.customers.get(key),
            _ => None,
        };
        self.customers.get(called).or_else(named)
    }

    /// Whom a customer knows, with what waits to be entered.
    async fn known(
        &mut self,
        reader: &mut Reader,
        customer: CustomerId,
    ) -> Result<&mut Vec<Known>, Problem> {
        if !self.contacts.contains_key(&customer) {
            let found: Vec<Contact> = reader.of_customer(customer).await?;
            let open = found.iter().filter(|one| one.ended_at.is_none()).map(|one| Known {
                role: one.role,
                line: one.line,
                name: one.name.clone(),
                address: one.address.clone(),
                language: one.language.clone(),
                at: None,
            });
            let waiting = self.waiting.iter().filter(|one| one.customer == customer);
            let all = open.chain(waiting.map(|one| Known::new(one, None))).collect();
            self.contacts.insert(customer, all);
        }
        Ok(self.contacts.entry(customer).or_default())
    }
}

impl Known {
    fn new(wanted: &ContactWanted, at: Option<u64>) -> Self {
        Self {
            role: wanted.role,
            line: wanted.line,
            name: wanted.name.clone(),
            address: wanted.address.clone(),
            language: wanted.language.clone(),
            at,
        }
    }

    /// What is different about it in the table: that is changed by hand, where it is seen.
    fn said(&self, wanted: &ContactWanted) -> String {
        let fields = [
            ("name", self.name != wanted.name),
            ("line", self.line != wanted.line),
            ("language", self.language != wanted.language),
        ];
        let differing: Vec<&str> =
            fields.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect();
        if differing.is_empty() {
            return "Already on record".to_owned();
        }
        format!("Already on record; {} differs, and stays as it is", differing.join(" and "))
    }
}
