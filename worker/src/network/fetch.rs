//! One exchange by the platform's fetch.

use network::{FetchError, Method, Request, Response};
use tokio::sync::oneshot;
use wasm_bindgen::{JsValue, closure::Closure};
use worker::js_sys::Uint8Array;

use super::platform;

/// Status, headers and body as `platform.js` tells them.
type Tell = Closure<dyn FnMut(u16, String, JsValue)>;

/// Sends the request and reads at most its limit of the answer. Dropped early, it gives its connection back.
pub(super) async fn exchange(request: Request) -> Result<Response, FetchError> {
    let (sender, receiver) = oneshot::channel();
    let mut sender = Some(sender);
    let tell = Tell::new(move |status, text: String, body: JsValue| {
        if let Some(sender) = sender.take() {
            // Nobody is left to hear it: fine.
            let _ = sender.send((status, text, body));
        }
    });
    let headers: Vec<&str> = request.headers.iter().flat_map(|(name, value)| [&**name, &**value]).collect();
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let body = (!request.body.is_empty()).then(|| Uint8Array::from(request.body.as_ref()));
    let limit = u32::try_from(request.limit).unwrap_or(u32::MAX);
    let exchange = platform::Exchange::new(&request.url, method, &headers.join("\n"), body, limit, &tell)
        .map_err(|error| FetchError::Failed(worker::Error::from(error).to_string()))?;
    let _open = Open { exchange, _tell: tell };
    match receiver.await {
        Ok((0, why, _)) => Err(FetchError::Failed(why)),
        Ok((_, _, body)) if body.is_undefined() => Err(FetchError::TooLong),
        Ok((status, headers, body)) => {
            let body = Uint8Array::from(body).to_vec().into();
            Ok(Response { status, headers: pairs(&headers), body })
        }
        Err(_) => Err(FetchError::Failed("the platform did not say what became of it".into())),
    }
}

/// Names and values, a line each.
fn pairs(lines: &str) -> Vec<(String, String)> {
    let mut lines = lines.split('\n');
    let mut pairs = Vec::new();
    while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
        pairs.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    pairs
}

/// An exchange that ends with whoever waits for it.
struct Open {
    exchange: platform::Exchange,
    _tell: Tell,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.exchange.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_a_line_each() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(pairs(""), []);
        assert_eq!(pairs("Server\nnginx"), [pair("server", "nginx")]);
        assert_eq!(pairs("x-empty\n\nset-cookie\na=b\nset-cookie\nc=d").len(), 3);
        assert_eq!(pairs("x-empty\n\nserver\nnginx"), [pair("x-empty", ""), pair("server", "nginx")]);
    }
}
