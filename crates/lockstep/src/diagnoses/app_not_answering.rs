//! nginx answers and the application behind it does not.

use findings::{Diagnosis, Fix, Prove};

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let gateway = symptoms.first("bad-gateway").or_else(|| symptoms.first("gateway-timeout"))?;
    let timeout = gateway.id == "gateway-timeout";
    let name = &observed.target.name;
    Some(Diagnosis {
        id: "app-not-answering".into(),
        cause: if timeout {
            "nginx waits for the application behind it until its time is up: Gunicorn's workers are busy or stuck.".into()
        } else {
            "nginx cannot reach the application behind it: Gunicorn is down, listens elsewhere, or its socket may not be opened.".into()
        },
        affects: format!("DNS, certificate and nginx do their part; visitors of {name} see an error page all the same."),
        fix: Fix {
            text: "Ask the service first, then nginx's error log, which names the reason.".into(),
            code: Some("sudo systemctl status gunicorn --no-pager\nsudo journalctl -u gunicorn -n 50 --no-pager\nsudo tail -n 20 /var/log/nginx/error.log".into()),
        },
        prove: Prove { command: format!("curl -I https://{name}/"), expect: "the status your application gives, such as 200".into() },
        explains: symptoms.keys(&["bad-gateway", "gateway-timeout"]),
        evidence: gateway.evidence.clone(),
        otherwise: "In the log, \"(111: Connection refused)\" means that nothing listens there, \"(2: No such file or directory)\" a wrong socket path, \"(13: Permission denied)\" that nginx may not open the socket.".into(),
    })
}
