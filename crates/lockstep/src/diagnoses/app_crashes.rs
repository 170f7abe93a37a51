//! The application answers, with an error of its own.

use findings::{Diagnosis, Fix, Prove};

use super::Symptoms;
use crate::Observations;

/// Words of a database that lacks tables or columns, as they appear in an error page that says what went wrong.
const NO_TABLE: [&str; 4] = ["no such table", "no such column", "UndefinedTable", "UndefinedColumn"];

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let error = symptoms.first("server-error")?;
    let name = super::troubled(observed, |it| it.status >= 500);
    let pages = observed.web.trails.iter().filter_map(|trail| trail.answer()).map(|(_, it)| it);
    let mut errors = pages.filter(|it| it.status >= 500);
    if errors.clone().all(web::Response::is_nginx_own) {
        return None; // nginx fails itself, and its log says why
    }
    let lacks_tables = errors.any(|it| NO_TABLE.iter().any(|word| it.start.contains(word)));
    let (cause, text, code) = if lacks_tables {
        (
            "The application asks its database for something that is not there: the migrations were not applied."
                .to_owned(),
            "Apply the migrations in the application's environment, then restart it.",
            "flask db upgrade\nsudo systemctl restart gunicorn",
        )
    } else {
        (
            "nginx and Gunicorn do their part; the application itself fails while it answers.".to_owned(),
            "The last lines of the service's log name the exception.",
            "sudo journalctl -u gunicorn -n 50 --no-pager",
        )
    };
    Some(Diagnosis {
        id: "app-crashes".into(),
        cause,
        affects: format!("Visitors of {name} see an error page."),
        fix: Fix { text: text.into(), code: Some(code.into()) },
        prove: Prove { command: format!("curl -I https://{name}/"), expect: "the status your application gives, such as 200".into() },
        explains: symptoms.keys(&["server-error", "health-path-fails"]),
        evidence: error.evidence.clone(),
        otherwise: "KeyError or a missing setting points to the service's environment (systemctl show gunicorn --property=Environment), \"no such table\" to migrations (flask db current), \"connection refused\" to the database.".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::causes;
    use crate::{
        Observations,
        fixture::{healthy, response},
    };

    fn answering(status: u16, text: &str) -> Observations {
        let mut seen = healthy();
        let answer = web::Response { start: text.into(), ..response(status, None) };
        for trail in &mut seen.web.trails {
            if let Some(hop) = trail.hops.last_mut() {
                hop.status = status;
            }
            trail.end = web::End::Answer(Box::new(answer.clone()));
        }
        for corner in &mut seen.web.corners {
            if corner.first.seen().is_some_and(|first| first.status == 200) {
                corner.first = network::Saw::Seen(answer.clone());
            }
        }
        seen
    }

    #[test]
    fn a_500_is_the_applications_own() {
        let (ids, report) = causes(answering(500, "Internal Server Error"));
        assert_eq!(ids, ["app-crashes"]);
        assert!(report.diagnoses[0].fix.code.as_ref().unwrap().contains("journalctl"));
        let (_, report) = causes(answering(500, "sqlite3.OperationalError: no such table: users"));
        assert!(report.diagnoses[0].cause.contains("migrations"));
    }

    #[test]
    fn nginx_own_error_page_is_no_application() {
        assert!(causes(answering(500, "<center><h1>500</h1></center><hr><center>nginx</center>")).0.is_empty());
    }

    #[test]
    fn a_502_and_a_404_are_not() {
        assert_eq!(causes(answering(502, "")).0, ["app-not-answering"]);
        assert!(causes(answering(404, "")).0.is_empty());
    }
}
