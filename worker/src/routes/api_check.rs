//! `GET /api/v1/check?domain=…[&expect=…][&path=…][&subdomains=1][&crawl=1][&proof=…][&fresh=1]`: one JSON report, or
//! a stream of events; with `Age` where it was seen a moment ago.

use futures_util::{StreamExt, future::ready};
use lockstep::Event;

use crate::{
    client::{NDJSON, wants_stream},
    known::Known,
    run::Run,
    visit::{self, Answer, Visit},
};

pub(crate) async fn answer(visit: &Visit) -> Answer {
    let domain = visit.query("domain").unwrap_or_default();
    let expect = visit.query("expect");
    let stream = wants_stream(&visit.header("accept"));
    if visit.is_head() {
        domain::Target::parse(&domain, expect.as_deref())?;
        return visit::api(if stream { NDJSON } else { JSON }, Vec::new());
    }
    match (Run::begin(visit, &domain, expect.as_deref()).await?, stream) {
        (Run::Look(look), true) => visit::api_stream(NDJSON, look.events().filter_map(|event| ready(line(&event)))),
        // One piece, and a stream all the same: of a reader who leaves, only a stream is told.
        (Run::Look(look), false) => visit::api_stream(JSON, look.events().filter_map(|event| ready(report(&event)))),
        (Run::Known(known), true) => {
            let Known { plan, report, .. } = &*known;
            visit::api_known(NDJSON, known.age(), format!("{plan}\n{{\"report\":{report}}}\n"))
        }
        (Run::Known(known), false) => visit::api_known(JSON, known.age(), known.report),
    }
}

const JSON: &str = "application/json";

/// One event as one line.
fn line(event: &Event) -> Option<Vec<u8>> {
    // Every event is plain data with text keys, which always has a JSON form.
    let mut line = serde_json::to_vec(event).ok()?;
    line.push(b'\n');
    Some(line)
}

/// The report, once it is there.
fn report(event: &Event) -> Option<Vec<u8>> {
    match event {
        Event::Report(report) => serde_json::to_vec(report).ok(),
        Event::Plan(_) | Event::Progress(_) | Event::Facts(_) | Event::Finding(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_that_reads_back() {
        let event = Event::Progress(lockstep::Progress {
            done: 1,
            total: 2,
            step: "http://example.com/\nat 203.0.113.7".into(),
        });
        let line = line(&event).unwrap();
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert_eq!(line.last(), Some(&b'\n'));
        assert_eq!(serde_json::from_slice::<Event>(&line).unwrap(), event);
    }
}
