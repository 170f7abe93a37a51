//! The report as a text to take along.

use lockstep::Report;

/// A report in one of the forms that `lockstep check` writes, too.
pub(crate) fn written(report: &Report, form: &str) -> Result<String, String> {
    Ok(match form {
        "markdown" => lockstep::markdown(report),
        "runbook" => lockstep::runbook(report),
        "text" => lockstep::whole(report),
        other => return Err(format!("There is no form \"{other}\".")),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may")]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn recorded() -> Report {
        let json = include_str!("../../../crates/view/tests/recordings/not-set-up.json");
        lockstep::report(serde_json::from_str(json).unwrap(), Default::default())
    }

    pub(crate) fn json() -> String {
        serde_json::to_string(&recorded()).unwrap()
    }

    #[test]
    fn every_form_names_the_domain_and_an_unknown_one_is_refused() {
        for (form, start) in [("markdown", "# not-set-up.test\n"), ("runbook", "# not-set-up.test\n"), ("text", "")] {
            let text = written(&recorded(), form).unwrap();
            assert!(text.starts_with(start) && text.contains("not-set-up.test is not connected yet"), "{text}");
            assert_eq!(text.contains("## To fill in"), form == "runbook");
        }
        assert!(written(&recorded(), "pdf").is_err());
    }
}
