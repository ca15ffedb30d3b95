//! Central, on SQLite and on PostgreSQL.

mod ground;
mod store;
