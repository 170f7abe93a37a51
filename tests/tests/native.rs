//! The native path over the practice network: the command line looks at every site.

#![allow(clippy::disallowed_methods, reason = "a test reads the clock and has threads")]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Write},
    process::Stdio,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use findings::{Finding, State};
use lockstep::{Event, Report};
use tests::{
    command::{self, Network},
    lab::{Site, sites},
    proof::CASES,
    soundness::differences,
};

/// Simultaneous checks: the machine has few cores, and time limits are real.
const AT_ONCE: usize = 3;

/// One lab for the tests that run at the same time; it ends with the last of them.
fn lab() -> Arc<Network> {
    static SHARED: Mutex<Weak<Network>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap();
    if let Some(lab) = shared.upgrade() {
        return lab;
    }
    let lab = Arc::new(Network::find().unwrap());
    *shared = Arc::downgrade(&lab);
    lab
}

fn report(network: &Network, site: &Site) -> Result<Report> {
    let binary = command::lockstep()?;
    let mut arguments = vec!["check", site.domain.as_str(), "--format", "ndjson"];
    if let Some(expect) = &site.expect {
        arguments.extend(["--expect", expect]);
    }
    if site.mine {
        arguments.push("--mine");
    }
    if site.subdomains {
        arguments.push("--subdomains");
    }
    if site.crawl {
        arguments.push("--crawl");
    }
    arguments.extend(site.paths.iter().flat_map(|path| ["--path", path]));
    let ran = command::run(&binary, network.settings(), &arguments)?;
    let report = told(&ran.out)?;
    let failed = report.findings.iter().any(|finding| finding.state == State::Failed);
    ensure!(!site.healthy || ran.code == 0, "a healthy site has exit code {}", ran.code);
    ensure!(!failed || ran.code == 1, "a broken site has exit code {}", ran.code);
    Ok(report)
}

/// The report at the end of a stream, in which the headline came once and cried no wolf: what it called wrong is wrong in
/// the report.
fn told(stream: &str) -> Result<Report> {
    let mut headlines = Vec::new();
    for line in stream.lines() {
        match serde_json::from_str(line).with_context(|| format!("no event: {line}"))? {
            Event::Facts(facts) => headlines.push(facts),
            Event::Report(report) => {
                let [headline] = headlines.as_slice() else { bail!("{} headlines", headlines.len()) };
                for (early, last) in headline.iter().zip(&report.facts) {
                    let wrong = early.state >= State::Warning && last.state < State::Warning;
                    ensure!(early.id == last.id && !wrong, "the headline said {early:?}, the report says {last:?}");
                }
                return Ok(*report);
            }
            Event::Plan(_) | Event::Progress(_) | Event::Finding(_) => {}
        }
    }
    bail!("the stream ends without a report: {stream}")
}

#[test]
fn every_site_is_told_what_a_person_would_want() {
    let network = lab();
    let sites = sites().unwrap();
    let next = AtomicUsize::new(0);
    let wrong: Mutex<BTreeMap<String, Vec<String>>> = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(site) = sites.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut lines = match report(&network, site) {
                        Ok(report) => differences(site, &report),
                        Err(error) => vec![format!("{error:#}")],
                    };
                    if let Some(gap) = &site.gap {
                        lines = match lines.is_empty() {
                            true => vec![format!("its gap is closed, take the line out of its file: {gap}")],
                            false => Vec::new(),
                        };
                    }
                    if !lines.is_empty() {
                        wrong.lock().unwrap().insert(site.domain.clone(), lines);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    for (site, gap) in sites.iter().filter_map(|site| Some((site, site.gap.as_ref()?))) {
        // Past the test runner, which keeps back what a passing test prints.
        let _ = writeln!(std::io::stderr(), "known gap at {}: {gap}", site.domain);
    }
    let text: String = wrong.iter().map(|(domain, lines)| format!("\n{domain}\n  {}\n", lines.join("\n  "))).collect();
    assert!(wrong.is_empty(), "{} of {} sites differ from their lists:\n{text}", wrong.len(), sites.len());
}

/// Checks that no site of the lab can set off, and why.
const WITHOUT_A_SITE: &[(&str, &str)] = &[
    ("clock-wrong", "all machines of the lab share one clock"),
    (
        "default-certificate-for-any-name",
        "nginx shows an unknown name what it shows no name, which another check tells",
    ),
];

#[test]
fn every_check_has_a_site_that_sets_it_off() {
    let sites = sites().unwrap();
    let said: BTreeSet<&str> = sites
        .iter()
        .flat_map(|site| &site.must)
        .filter(|line| !line.is_passed())
        .filter_map(|line| line.id())
        .collect();
    let known: BTreeSet<&str> = lockstep::catalogue().iter().map(|about| about.id).collect();
    let excused: BTreeSet<&str> = WITHOUT_A_SITE.iter().map(|(id, _)| *id).collect();
    let unknown: Vec<_> = said.difference(&known).collect();
    let bare: Vec<_> = known.difference(&said).filter(|id| !excused.contains(*id)).collect();
    let idle: Vec<_> = excused.intersection(&said).collect();
    assert!(unknown.is_empty(), "no such check: {unknown:?}");
    assert!(bare.is_empty(), "no site sets off {bare:?}");
    assert!(idle.is_empty(), "excused although a site sets it off: {idle:?}");
}

#[test]
fn exit_codes_say_what_came_of_it() {
    let network = lab();
    let binary = command::lockstep().unwrap();
    let code = |arguments: &[&str]| command::run(&binary, network.settings(), arguments).unwrap().code;
    assert_eq!(code(&["check", "healthy-www.test", "--format", "json"]), 0);
    assert_eq!(code(&["check", "expired.test", "--format", "json"]), 1);
    assert_eq!(code(&["check", "not-set-up.test", "--format", "json"]), 1);
    assert_eq!(code(&["check", "renewal-overdue.test", "--format", "json"]), 0);
    assert_eq!(code(&["check", "renewal-overdue.test", "--format", "json", "--fail-on", "warning"]), 1);
    assert_eq!(code(&["check", "192.0.2.1", "--format", "json"]), 2);
    assert_eq!(code(&["check", "user@expired.test", "--format", "json"]), 2);
    // A port that was free a moment ago: nobody answers there.
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let mut deaf = network.settings().clone();
    deaf.insert("LOCKSTEP_RESOLVERS".into(), format!("Nobody=http://{nobody}/dns-query"));
    assert_eq!(command::run(&binary, &deaf, &["check", "expired.test", "--format", "json"]).unwrap().code, 2);
}

#[test]
fn reports_come_in_the_forms_that_machines_and_tickets_take() {
    let network = lab();
    let binary = command::lockstep().unwrap();
    let run = |arguments: &[&str]| command::run(&binary, network.settings(), arguments).unwrap();
    let junit = run(&["check", "healthy-www.test", "expired.test", "--format", "junit"]);
    assert_eq!(junit.code, 1);
    assert!(junit.out.starts_with("<?xml") && junit.out.matches("<testsuite ").count() == 2, "{}", junit.out);
    assert!(junit.out.contains("type=\"certificate-expired\""), "{}", junit.out);
    let markdown = run(&["check", "expired.test", "--format", "markdown"]).out;
    assert!(markdown.starts_with("# expired.test\n") && markdown.contains("- [ ] **Failed**"), "{markdown}");
    let runbook = run(&["check", "expired.test", "--format", "runbook"]).out;
    assert!(
        runbook.starts_with("# expired.test\n") && runbook.contains("- **Addresses of expired.test**: "),
        "{runbook}"
    );
    let github = run(&["check", "expired.test", "--format", "github"]).out;
    assert!(github.lines().all(|line| line.starts_with("::")) && github.starts_with("::error title="), "{github}");
}

/// What `action.yml` runs, in a job: annotations in the log, the checklist on the job's page, the check's own exit code.
#[test]
fn the_action_tells_a_job_what_failed() {
    let network = lab();
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("summary.md");
    let script = tests::lab::home().parent().unwrap().join(".ci/action");
    let file = folder.path().join("sites.toml");
    std::fs::write(&file, "[[domain]]\nname = \"healthy-www.test\"\n").unwrap();
    for (domains, config, code) in
        [("healthy-www.test\nexpired.test\n", "none", 1), ("healthy-www.test", "", 0), ("", file.to_str().unwrap(), 0)]
    {
        std::fs::write(&page, "").unwrap();
        let mut action = command::command(&script, network.settings(), &[]);
        action.env("LOCKSTEP_BIN", command::lockstep().unwrap()).env("DOMAINS", domains);
        action.env("CONFIG", config).current_dir(folder.path());
        let ran = action.env("GITHUB_STEP_SUMMARY", &page).stdout(Stdio::piped()).output().unwrap();
        assert_eq!(ran.status.code(), Some(code), "{}", String::from_utf8_lossy(&ran.stderr));
        let (log, page) = (String::from_utf8(ran.stdout).unwrap(), std::fs::read_to_string(&page).unwrap());
        assert!(log.contains("::notice title=healthy-www.test::"), "{log}");
        assert_eq!(log.contains("::error title="), code == 1, "{log}");
        assert!(page.contains("# healthy-www.test\n"), "{page}");
        assert_eq!(page.contains("- [ ] **Failed**"), code == 1, "{page}");
    }
}

#[test]
fn with_an_earlier_report_only_what_got_worse_counts() {
    let network = lab();
    let binary = command::lockstep().unwrap();
    let run = |arguments: &[&str]| command::run(&binary, network.settings(), arguments).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("before.json");
    let baseline = ["--baseline", file.to_str().unwrap()];
    let check = |domain| run(&[&["check", domain, "--format", "json"][..], &baseline[..]].concat());
    let expired = run(&["check", "expired.test", "--format", "json"]).out;
    std::fs::write(&file, &expired).unwrap();
    let shown = run(&["show", file.to_str().unwrap(), "--format", "markdown"]);
    assert_eq!((shown.code, shown.out.starts_with("# expired.test\n")), (1, true), "{}", shown.err);
    let again = check("expired.test");
    assert_eq!((again.code, again.err.contains("nothing changed")), (0, true), "{}", again.err);
    // The same domain, as it was when its certificate was still good.
    let mut before: lockstep::Report = serde_json::from_str(&expired).unwrap();
    before.findings.retain(|finding| finding.id != "certificate-expired");
    std::fs::write(&file, serde_json::to_string(&before).unwrap()).unwrap();
    let worse = check("expired.test");
    assert_eq!(worse.code, 1);
    assert!(worse.err.contains("  worse: "), "{}", worse.err);
    std::fs::write(&file, "{}").unwrap();
    assert_eq!(check("expired.test").code, 2);
    std::fs::write(&file, "/health=200\nhttps://elsewhere.test/\n").unwrap();
    let smoke = run(&["check", "healthy-www.test", "--smoke", file.to_str().unwrap()]);
    assert_eq!(smoke.code, 2);
    assert!(smoke.err.contains("elsewhere.test is in the smoke list"), "{}", smoke.err);
    std::fs::write(&file, "/no-such-page=200\n").unwrap();
    let smoke = run(&["check", "healthy-www.test", "--format", "json", "--smoke", file.to_str().unwrap()]);
    assert!(
        smoke.report().unwrap().findings.iter().any(|it| it.id == "path-not-as-expected" && it.state > State::Note)
    );
}

/// The lab's settings as a file has them, and domains with what is expected of each.
#[test]
fn a_file_says_which_domains_to_look_at_and_what_to_expect_of_each() {
    let network = lab();
    let binary = command::lockstep().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let run = |settings: &BTreeMap<String, String>, arguments: &[&str]| {
        let mut line = command::command(&binary, settings, arguments);
        let ran = line.current_dir(folder.path()).output().unwrap();
        let out = String::from_utf8(ran.stdout).unwrap();
        (ran.status.code(), out, String::from_utf8(ran.stderr).unwrap())
    };
    let reports = |out: &str| -> Vec<Report> { out.lines().map(|line| serde_json::from_str(line).unwrap()).collect() };
    let troubles = |report: &Report| -> Vec<String> {
        let rows = report.findings.iter().filter(|it| it.state >= State::Warning);
        rows.map(|it| it.id.clone()).collect()
    };
    let domains = r#"
        [[domain]]
        name = "healthy-www.test"
        expect = "192.0.2.12, 2001:db8::12"
        paths = ["/no-such-page=308"]

        [[domain]]
        name = "healthy-apex.test"
        expect = "192.0.2.99"
        paths = ["/no-such-page=200"]
    "#;
    let settings = file_settings(network.settings());
    write("lockstep.toml", &format!("format = \"json\"\nsmoke = \"smoke.txt\"\n{settings}\n{domains}"));
    write("smoke.txt", "https://healthy-apex.test/nowhere=200\n");

    let nothing = BTreeMap::new();
    let (code, out, err) = run(&nothing, &["check"]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("as lockstep.toml says"), "{err}");
    let both = reports(&out);
    let [www, apex] = both.as_slice() else { panic!("{} reports: {err}", both.len()) };
    assert_eq!((www.domain.as_str(), troubles(www)), ("healthy-www.test", vec![]));
    assert_eq!(apex.domain, "healthy-apex.test");
    let missed = troubles(apex);
    assert!(missed.iter().any(|id| id == "address-not-expected"), "{missed:?}");
    assert_eq!(missed.iter().filter(|id| *id == "path-not-as-expected").count(), 2, "{missed:?}");

    // A domain that is named keeps what the file says of it; a flag wins.
    let (code, out, err) = run(&nothing, &["check", "healthy-www.test", "--path", "/no-such-page=200"]);
    assert_eq!((code, troubles(&reports(&out)[0])), (Some(1), vec!["path-not-as-expected".into()]), "{err}");
    let (code, out, err) = run(&nothing, &["check", "healthy-www.test", "--format", "github"]);
    assert!(code == Some(0) && out.starts_with("::notice title=healthy-www.test::"), "{out}{err}");

    // Without the file nothing of it holds; and what is wrong in it is said before anything is looked at.
    let (code, out, err) =
        run(network.settings(), &["check", "healthy-apex.test", "--config", "none", "--format", "json"]);
    assert_eq!((code, troubles(&reports(&out)[0]), err.as_str()), (Some(0), vec![], ""));
    let (code, _, err) = run(network.settings(), &["check", "--config", "none"]);
    assert!(code == Some(2) && err.contains("Which domain?"), "{err}");
    write("lockstep.toml", "format = \"json\"\n[[domain]]\nname = \"healthy-www.test\"\nexpct = \"192.0.2.1\"\n");
    let (code, out, err) = run(network.settings(), &["check", "healthy-www.test"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert_eq!(err, "lockstep: lockstep.toml, line 4: there is no key \"expct\" here; did you mean \"expect\"?\n");
    write("smoke.txt", "https://elsewhere.test/\n");
    write("lockstep.toml", &format!("smoke = \"smoke.txt\"\n{domains}"));
    let (code, _, err) = run(network.settings(), &["check"]);
    assert!(code == Some(2) && err.contains("elsewhere.test is in the smoke list"), "{err}");
}

/// `LOCKSTEP_*` variables as `[settings]` of a file.
fn file_settings(vars: &BTreeMap<String, String>) -> String {
    let mut table = toml::Table::new();
    for (name, value) in vars.iter().filter(|(_, value)| !value.is_empty()) {
        let key = name.trim_start_matches("LOCKSTEP_").trim_start_matches("CT_").to_lowercase().replace('_', "-");
        let list = ["resolvers", "allow", "dial", "fetch-only"].contains(&key.as_str());
        let value = match value.parse() {
            Ok(seconds) if key == "deadline" => toml::Value::Integer(seconds),
            _ if list => value.split(',').collect::<Vec<_>>().into(),
            _ => value.as_str().into(),
        };
        table.insert(key, value);
    }
    let mut file = toml::Table::new();
    file.insert("settings".into(), table.into());
    file.to_string()
}

#[test]
fn findings_stream_before_the_last_look_and_none_is_taken_back() {
    let network = lab();
    let binary = command::lockstep().unwrap();
    // Port 443 of this one takes its time.
    let arguments = ["check", "filtered-443.test", "--format", "ndjson"];
    let mut child = command::command(&binary, network.settings(), &arguments).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut first_finding, mut last_look, mut last_line) = (None, None, None);
    let mut streamed: Vec<Finding> = Vec::new();
    let mut planned = BTreeSet::new();
    let mut whole = None;
    for line in lines {
        let event: Event = serde_json::from_str(&line.unwrap()).unwrap();
        assert!(whole.is_none(), "the report is the last line");
        last_line = Some(Instant::now());
        match event {
            Event::Plan(plan) => {
                assert!(planned.is_empty() && streamed.is_empty(), "the plan comes first, and once");
                planned = plan.rows.into_iter().map(|row| row.id).collect();
            }
            Event::Progress(_) => last_look = Some(Instant::now()),
            Event::Facts(facts) => assert_eq!(facts.len(), 5),
            Event::Finding(finding) => {
                first_finding.get_or_insert_with(Instant::now);
                assert!(planned.contains(&finding.id), "{} is in the plan", finding.id);
                streamed.push(*finding);
            }
            Event::Report(report) => whole = Some(report),
        }
    }
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let (first, last) = (first_finding.unwrap(), last_look.unwrap());
    assert!(last > first + Duration::from_secs(1), "the first finding came {:?} before the last look", last - first);
    assert!(last_line.unwrap() >= last);
    let whole = whole.unwrap();
    assert_eq!(sorted(streamed), sorted(whole.findings), "what was streamed is what the report holds");
}

/// Not seeing is not being well: neither the words nor the exit code may say so.
#[test]
fn what_could_not_be_looked_at_is_not_called_fine() {
    let network = lab();
    let binary = command::lockstep().unwrap();
    let mut hurried = network.settings().clone();
    hurried.insert("LOCKSTEP_DEADLINE".into(), "2".into());
    let ran = command::run(&binary, &hurried, &["check", "filtered-443.test", "--format", "json"]).unwrap();
    assert_eq!(ran.report().unwrap().situation, lockstep::Situation::Unseen);
    assert_eq!(ran.code, 2);
}

fn sorted(findings: Vec<Finding>) -> Vec<String> {
    let mut lines: Vec<String> = findings.iter().map(|finding| serde_json::to_string(finding).unwrap()).collect();
    lines.sort();
    lines
}

#[test]
fn never_more_than_five_connections_at_once() {
    let network = lab();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for site in sites().unwrap() {
        let (most, all) = runtime.block_on(counting::check(network.settings(), &site.domain)).unwrap();
        assert!(most <= 5, "{}: {most} connections at once", site.domain);
        // Two names, two types, three resolvers.
        assert!(all >= 6, "{}: only {all} connections were counted", site.domain);
    }
}

/// The command line believes its own user; what somebody else's checker asks for is in the library all the same.
#[test]
fn ports_inside_are_looked_at_only_where_domain_and_address_are_proved() {
    let network = lab();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let look = |case: &tests::proof::Case| {
        let mut settings = counting::settings(network.settings())?;
        settings.proof = case.secret.map(str::parse).transpose()?;
        settings.deadline *= 2;
        let inner = cli::Native::new(&settings.trust).map_err(anyhow::Error::msg)?;
        let session = network::Session::new(inner, settings);
        let target = domain::Target::parse(case.domain, None)?;
        Ok(runtime.block_on(lockstep::check(target, &session, &|_| {})))
    };
    let faults: Vec<String> =
        CASES.iter().flat_map(|case| case.faults(network.guide(), || look(case)).unwrap()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The network of this computer, with every connection and exchange counted while it lives.
mod counting {
    use std::{
        cell::Cell,
        collections::BTreeMap,
        io,
        net::SocketAddr,
        pin::Pin,
        rc::Rc,
        task::{Context as Task, Poll},
        time::Duration,
    };

    use network::{ConnectError, FetchError, Network, Request, Response, Session, Settings};
    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

    use super::{Context, Result};

    /// How many there are, were at most, and were in all.
    #[derive(Debug, Default)]
    struct Count {
        now: Cell<usize>,
        most: Cell<usize>,
        all: Cell<usize>,
    }

    /// One that counts while it lives.
    struct Counted(Rc<Count>);

    impl Counted {
        fn new(count: &Rc<Count>) -> Counted {
            count.now.set(count.now.get() + 1);
            count.all.set(count.all.get() + 1);
            count.most.set(count.most.get().max(count.now.get()));
            Counted(Rc::clone(count))
        }
    }

    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.now.set(self.0.now.get() - 1);
        }
    }

    struct Counting<N> {
        inner: N,
        count: Rc<Count>,
    }

    struct Stream<S> {
        inner: S,
        _counted: Counted,
    }

    impl<N: Network> Network for Counting<N> {
        type Stream = Stream<N::Stream>;

        async fn connect(&self, to: SocketAddr) -> Result<Stream<N::Stream>, ConnectError> {
            let counted = Counted::new(&self.count);
            Ok(Stream { inner: self.inner.connect(to).await?, _counted: counted })
        }

        async fn fetch(&self, request: Request) -> Result<Response, FetchError> {
            let _counted = Counted::new(&self.count);
            self.inner.fetch(request).await
        }

        async fn sleep(&self, duration: Duration) {
            self.inner.sleep(duration).await;
        }

        fn now(&self) -> u64 {
            self.inner.now()
        }

        fn random(&self, buffer: &mut [u8]) {
            self.inner.random(buffer);
        }
    }

    impl<S: AsyncRead + Unpin> AsyncRead for Stream<S> {
        fn poll_read(mut self: Pin<&mut Self>, cx: &mut Task<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.inner).poll_read(cx, buf)
        }
    }

    impl<S: AsyncWrite + Unpin> AsyncWrite for Stream<S> {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Task<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.inner).poll_write(cx, buf)
        }

        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Task<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.inner).poll_flush(cx)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Task<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.inner).poll_shutdown(cx)
        }
    }

    /// The most connections at once during one check, and how many there were.
    pub(super) async fn check(lab: &BTreeMap<String, String>, domain: &str) -> Result<(usize, usize)> {
        let settings = settings(lab)?;
        let count = Rc::new(Count::default());
        let inner = cli::Native::new(&settings.trust).map_err(anyhow::Error::msg)?;
        let session = Session::new(Counting { inner, count: Rc::clone(&count) }, settings);
        let target = domain::Target::parse(domain, None)?;
        lockstep::check(target, &session, &|_| {}).await;
        anyhow::ensure!(count.now.get() == 0, "{domain}: {} connections were left open", count.now.get());
        Ok((count.most.get(), count.all.get()))
    }

    /// The settings that lead to the lab.
    pub(super) fn settings(lab: &BTreeMap<String, String>) -> Result<Settings> {
        let get = |name: &str| lab.get(name).map(String::as_str).unwrap_or_default();
        let list =
            |name: &str| get(name).split(',').filter(|item| !item.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let trust = std::fs::read_to_string(get("LOCKSTEP_TRUST"))?;
        Ok(Settings {
            resolvers: list("LOCKSTEP_RESOLVERS").iter().map(|item| item.parse()).collect::<Result<_, _>>()?,
            trust: tls::certificates_from_pem(&trust).map_err(|error| anyhow::anyhow!("{error}"))?,
            allow: list("LOCKSTEP_ALLOW").iter().map(|item| item.parse()).collect::<Result<_, _>>().context("allow")?,
            dial: list("LOCKSTEP_DIAL").iter().map(|item| item.parse()).collect::<Result<_, _>>()?,
            ..Settings::default()
        })
    }
}
