//! Central, on SQLite and on PostgreSQL.

mod approval;
mod ground;
mod house;
mod store;
