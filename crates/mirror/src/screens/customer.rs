//! Customers: the list, and one with everything that is settled with them.

mod detail;
mod list;

pub use detail::{Customer, CustomerTabs, HistoryMonth, SlaHistory, customer};
pub use list::{CustomerList, CustomerRow, customers};
