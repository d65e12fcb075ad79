//! The command line.
#![allow(dead_code)]
pub mod config;
mod dotenv;
mod duration;
mod place;
mod replies;
