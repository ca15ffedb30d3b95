//! What the screens show: one file per noun, each number ready to be shown.
//!
//! Every screen is a function of the [`Mirror`](crate::Mirror), who looks ([`Viewer`](crate::Viewer))
//! and what waits in the outbox ([`Overlay`](crate::Overlay)).

mod house;
mod portfolio;
mod show;

pub use portfolio::{MonthChoice, Portfolio, PortfolioRow, PortfolioSummary, portfolio};
pub use show::{Action, Fact, Moment, MoneyView, Status};
