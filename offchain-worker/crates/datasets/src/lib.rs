//! Data sets from CSV, SQLite and PostgreSQL by one interface.
