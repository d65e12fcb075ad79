//! Tests of the room as a whole: the emulator alone ([`server`]), the connector alone ([`gateway`]), and both against
//! each other in virtual time ([`conversation`], [`voice`]), and the JS face ([`face`]).

mod bad_input;
mod conversation;
mod face;
mod gateway;
mod pair;
mod rows;
mod scripted;
mod second_opinion;
mod server;
mod table;
mod voice;
