//! What the calls and the runtime API do, in the order of a job's life: `registry` (roles, datasets, templates),
//! `request` (from a request to a contract), `stages` (deadlines and deliveries), `availability` (challenges), `settlement` (how a job
//! ends); `holds` has deposits and payments for all of them, and `api` what clients read.

mod api;
mod availability;
mod holds;
mod registry;
mod request;
mod settlement;
mod stages;
