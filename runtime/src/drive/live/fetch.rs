//! A request over HTTP as a room sees it: a task carries it out, and rings the room's bell when it has come. Names, TCP, TLS,
//! redirects and compression are the library's; what is waited for and taken is the request's own.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Error, Method, Response, Url};
use rustls::ClientConfig;
use tokio::net::lookup_host;
use tokio::task::AbortHandle;
use voxrun_bindings::connection::FromTransfer;
use voxrun_bindings::contract::Time;
use voxrun_bindings::wire::{HttpError, HttpOutcome, HttpRequest, HttpResponse};

use super::mail::Ring;
use crate::room::Fetching;
use crate::simulate::Bell;

/// The room's end.
pub(super) struct LiveFetch {
    came: Rc<RefCell<Option<HttpOutcome>>>,
    task: AbortHandle,
}

impl LiveFetch {
    /// Begins now, for the room that this bell rings at. `alive` counts the task for as long as it lives.
    pub(super) fn begin(
        request: HttpRequest,
        tls: &Arc<ClientConfig>,
        bell: Ring,
        alive: impl Sized + 'static,
    ) -> LiveFetch {
        let came = Rc::new(RefCell::new(None));
        let (tls, there) = (ClientConfig::clone(tls), Rc::clone(&came));
        let task = tokio::task::spawn_local(async move {
            let _alive = alive;
            let outcome = carry_out(request, tls).await;
            there.replace(Some(outcome));
            bell.ring();
        });
        LiveFetch { came, task: task.abort_handle() }
    }
}

impl Drop for LiveFetch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fetching for LiveFetch {
    fn deadline(&self) -> Option<Time> {
        self.came.borrow().is_some().then_some(Time::ZERO)
    }

    fn poll(&mut self, _: Time) -> Option<FromTransfer> {
        self.came.borrow_mut().take().map(FromTransfer::Came)
    }
}

/// Carries out a request, within its bounds. One that may not be sent on tells the redirect itself.
pub(in crate::drive) async fn carry_out(request: HttpRequest, tls: ClientConfig) -> HttpOutcome {
    let whole = Duration::from_millis(request.bounds.whole_ms);
    tokio::time::timeout(whole, ask(request, tls)).await.unwrap_or(Err(HttpError::TimedOut))
}

async fn ask(request: HttpRequest, tls: ClientConfig) -> HttpOutcome {
    let url = Url::parse(&request.url).map_err(|_| HttpError::BadUrl)?;
    let (host, port) = (url.host_str().ok_or(HttpError::BadUrl)?, url.port_or_known_default().unwrap_or(80));
    let bare = host.trim_matches(['[', ']']);
    if lookup_host((bare, port)).await.is_err() {
        return Err(HttpError::HostNotFound);
    }
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(Duration::from_millis(request.bounds.connect_ms))
        // A redirect to the same host would go out on a connection that the host may be closing.
        .pool_max_idle_per_host(0)
        .redirect(match request.bounds.redirects {
            0 => Policy::none(),
            most => Policy::limited(most as usize),
        })
        .build()
        .map_err(|_| HttpError::Internal)?;
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| HttpError::BadUrl)?;
    let mut asked = client.request(method, url);
    for (name, value) in &request.headers {
        asked = asked.header(name, value);
    }
    if !request.body.is_empty() {
        asked = asked.body(request.body.to_vec());
    }
    let response = asked.send().await.map_err(|error| failure(&error))?;
    read(response, request.bounds.bytes).await
}

/// The response, as far as it is taken.
async fn read(mut response: Response, most: usize) -> HttpOutcome {
    let status = response.status().as_u16();
    let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + piece.len() > most {
            return Err(HttpError::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(HttpResponse { status, headers, body: body.into() })
}

fn failure(error: &Error) -> HttpError {
    if error.is_timeout() {
        HttpError::TimedOut
    } else if error.is_redirect() {
        HttpError::Redirects
    } else if error.is_builder() {
        HttpError::BadUrl
    } else if error.is_connect() {
        HttpError::NotConnected
    } else {
        HttpError::Broke
    }
}
