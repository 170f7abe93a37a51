//! nginx answers and the application behind it does not.

use findings::{Diagnosis, Fix, Prove};

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let gateway =
        ["bad-gateway", "gateway-timeout", "answer-never-comes"].into_iter().find_map(|id| symptoms.first(id))?;
    let timeout = gateway.id != "bad-gateway";
    let name = super::troubled(observed, |it| matches!(it.status, 502 | 504));
    let mut explains = symptoms.keys(&["bad-gateway", "gateway-timeout", "answer-never-comes"]);
    explains.extend(super::also_said(symptoms, &["502", "504"]));
    Some(Diagnosis {
        id: "app-not-answering".into(),
        cause: if timeout {
            "nginx waits for the application behind it until its time is up: Gunicorn's workers are busy or stuck.".into()
        } else {
            "nginx cannot reach the application behind it: Gunicorn is down, listens elsewhere, or its socket may not be opened.".into()
        },
        affects: match gateway.id.as_str() {
            "answer-never-comes" => format!("Visitors of {name} wait, and see nothing or, in the end, an error page."),
            _ => format!("nginx itself answers; visitors of {name} see its error page."),
        },
        fix: Fix {
            text: "Ask the service first, then nginx's error log, which names the reason.".into(),
            code: Some("sudo systemctl status gunicorn --no-pager\nsudo journalctl -u gunicorn -n 50 --no-pager\nsudo tail -n 20 /var/log/nginx/error.log".into()),
        },
        prove: Prove { command: super::ask(observed, name, |it| matches!(it.status, 502 | 504)), expect: "the status your application gives, such as 200".into() },
        explains,
        evidence: gateway.evidence.clone(),
        otherwise: if timeout {
            "If Gunicorn is idle, requests do not reach it: proxy_pass names another port, or https:// where Gunicorn speaks http.".into()
        } else {
            "In the log, \"(111: Connection refused)\" means that nothing listens there, \"(2: No such file or directory)\" a wrong socket path, \"(13: Permission denied)\" that nginx may not open the socket.".into()
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::causes;
    use crate::{
        Observations,
        fixture::{healthy, response},
    };

    fn answering(status: u16) -> Observations {
        let mut seen = healthy();
        for trail in &mut seen.web.trails {
            if let Some(hop) = trail.hops.last_mut() {
                hop.status = status;
            }
            trail.end = web::End::Answer(Box::new(response(status, None)));
        }
        for corner in &mut seen.web.corners {
            if corner.first.seen().is_some_and(|first| first.status == 200) {
                corner.first = network::Saw::Seen(response(status, None));
            }
        }
        seen
    }

    #[test]
    fn a_502_is_the_app_and_a_504_its_slowness() {
        assert_eq!(causes(answering(502)).0, ["app-not-answering"]);
        let (ids, report) = causes(answering(504));
        assert_eq!(ids, ["app-not-answering"]);
        assert!(report.diagnoses[0].cause.contains("until its time is up"));
    }

    #[test]
    fn where_one_name_is_fine_the_other_is_proved() {
        let mut seen = healthy();
        for trail in seen.web.trails.iter_mut().filter(|trail| trail.from.host() == "www.example.com") {
            trail.end = web::End::Answer(Box::new(response(502, None)));
        }
        let (_, report) = causes(seen);
        assert_eq!(report.diagnoses[0].prove.command, "curl -I https://www.example.com/");
    }

    #[test]
    fn a_500_and_a_404_come_from_the_app_itself() {
        assert_eq!(causes(answering(500)).0, ["app-crashes"]);
        assert!(causes(answering(404)).0.is_empty());
    }
}
