//! What `lockstep show` writes for machines and tickets is what they can read, whatever a site puts into its answers.

use std::{fs, path::Path, process::Command};

use findings::{Diagnosis, Finding, Fix, Prove, Section, State};
use lockstep::{Observations, Report, Timing};
use tests::{command, lab::home, python::asked};

/// What a stranger may have in a title, a header or a certificate.
const HOSTILE: [&str; 21] = [
    "]]></system-out><failure/>",
    "\"quoted\" 'twice' & <b>bold</b> &amp; &#0; <!-- --> <?php ?>",
    "\u{0}\u{1}\u{8}\u{b}\u{c}\u{1b}[31mred\u{1b}]0;title\u{7}\u{7f}\u{85}\u{9b}31m",
    "one\r\ntwo\nthree\rfour\u{2028}five\u{2029}six",
    "::error title=no::no\n::set-output name=x::y\n::stop-commands::z\n::add-mask::e",
    "100%25 %0A %0D a,b:c",
    "| a | b |\n|---|---|\n# heading\n- [x] done\n> quote\n1. one\n    code",
    "```\nfence\n```` `tick` ``two`` ~~~ tilde",
    "[link](javascript:alert(1)) ![img](http://x.test/) <http://x.test> @all https://x.test/_a_*b*",
    "<script>alert(1)</script><img src=x onerror=alert(1)><details open>",
    "\u{fffe}\u{ffff}\u{feff}\u{202e}desrever\u{200b} \u{1f3f3}\u{fe0f}\u{200d}\u{1f308}",
    "===",
    "---",
    ":-:",
    "1. one",
    "1) one",
    "- [x] done",
    "+ done",
    "     indented",
    "$\\href{javascript:x}{y}$",
    "",
];

/// A recorded report whose every word is a stranger's.
fn hostile(text: &str) -> Report {
    let mut report = recorded();
    let row = |state, section| Finding {
        id: text.into(),
        section,
        state,
        subject: text.into(),
        title: text.into(),
        seen: text.into(),
        means: text.into(),
        fix: Some(Fix { text: text.into(), code: Some(text.into()) }),
        prove: Some(Prove { command: text.into(), expect: text.into() }),
        ..report.findings[0].clone()
    };
    let rows = [State::Passed, State::NotTested, State::Note, State::Warning, State::Failed]
        .map(|state| row(state, Section::App));
    let cause = Diagnosis {
        id: text.into(),
        cause: text.into(),
        affects: text.into(),
        explains: Vec::new(),
        fix: Fix { text: text.into(), code: Some(text.into()) },
        prove: Prove { command: text.into(), expect: text.into() },
        otherwise: text.into(),
        ..report.diagnoses[0].clone()
    };
    report.findings = rows.into();
    report.diagnoses = vec![cause];
    report.domain = text.into();
    for fact in &mut report.facts {
        fact.sentence = text.into();
    }
    report
}

fn recorded() -> Report {
    let file = home().join("scenarios/loop-and-a-silent-resolver/observed.json");
    let observed: Observations = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    lockstep::report(observed, Timing::default())
}

/// Reports in a form, as the command writes them.
fn shown(reports: &[Report], format: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reports.json");
    let lines: Vec<String> = reports.iter().map(|report| serde_json::to_string(report).unwrap() + "\n").collect();
    fs::write(&file, lines.concat()).unwrap();
    let binary = command::lockstep().unwrap();
    let ran =
        command::run(&binary, &Default::default(), &["show", file.to_str().unwrap(), "--format", format]).unwrap();
    assert_eq!(ran.err, "");
    ran.out
}

/// What is wrong with each text by `schemas/junit.xsd`, according to xmlschema, a validator of the whole of XML Schema.
fn faults(texts: &[String]) -> Vec<Option<String>> {
    let script = "import xmlschema\n\
        schema = xmlschema.XMLSchema(sys.argv[1])\n\
        def answer(text):\n\
        \x20   try: schema.validate(text)\n\
        \x20   except Exception as error: return str(error)";
    asked(script, &home().join("schemas/junit.xsd"), texts).unwrap()
}

/// Markdown as HTML, with tables and strikethrough as on GitHub.
fn rendered(pages: &[String]) -> Vec<String> {
    let script = "from markdown_it import MarkdownIt\n\
        answer = MarkdownIt('commonmark').enable(['table', 'strikethrough']).render";
    asked(script, Path::new(""), pages).unwrap()
}

fn many() -> Vec<Report> {
    let long = "Ä<&\"]]>\u{1b}".repeat(20_000);
    HOSTILE.iter().map(|text| hostile(text)).chain([hostile(&long), recorded()]).collect()
}

#[test]
fn junit_is_what_the_schema_says() {
    let xml = shown(&many(), "junit");
    assert_eq!(faults(&[shown(&[recorded()], "junit"), xml.clone()]), [None, None]);
    assert_eq!(xml.matches("<testsuite ").count(), many().len());
    assert_eq!(xml.matches("<failure ").count(), HOSTILE.len() + 1 + failures(&recorded()));
}

fn failures(report: &Report) -> usize {
    let counts = |it: &&Finding| it.state == State::Failed && it.section != Section::Hardening;
    report.findings.iter().filter(counts).count()
}

/// A schema that takes everything would prove nothing.
#[test]
fn the_schema_refuses_what_readers_refuse() {
    let suite = |inside: &str| {
        format!("<testsuites><testsuite name='a' tests='1' failures='0' errors='0'>{inside}</testsuite></testsuites>")
    };
    let right = suite("<testcase name='a' classname='b'><skipped message='c'/></testcase>");
    let texts = [
        right,
        suite("<testcase classname='b'/>"),
        suite("<testcase name='a'><passed/></testcase>"),
        suite("<testcase name='a' time='soon'/>"),
        suite("words"),
        suite("<testcase name='\u{1}'/>"),
        suite("<testcase name='a'><system-out>]]></system-out></testcase>"),
        "<testsuites skipped='1'/>".into(),
        "<testsuites><testsuite name='a'/></testsuites>".into(),
        "<report/>".into(),
    ];
    for (index, (text, fault)) in texts.iter().zip(faults(&texts)).enumerate() {
        assert_eq!(fault.is_some(), index > 0, "{text}: {fault:?}");
    }
}

/// A line that begins with `::` is a command to the runner, wherever it comes from.
#[test]
fn annotations_hold_no_command_but_ours() {
    let text = shown(&many(), "github");
    for line in text.lines() {
        let (command, rest) = line.strip_prefix("::").and_then(|line| line.split_once(" title=")).expect(line);
        assert!(["error", "warning", "notice"].contains(&command), "{line}");
        let (title, _) = rest.split_once("::").expect(line);
        assert!(!title.contains([',', ':']), "{line}");
        assert!(!line.contains(|sign: char| sign.is_control()), "{line:?}");
    }
    // A cause, a failure, a warning and the verdict of each.
    assert!(text.lines().count() >= 4 * HOSTILE.len());
}

/// CommonMark itself says what is text: nothing of a stranger's is a link, an image, HTML, a heading or a rule.
#[test]
fn a_ticket_holds_a_strangers_words_as_words() {
    for form in ["markdown", "runbook"] {
        tickets(form);
    }
}

fn tickets(form: &str) {
    let pages: Vec<String> = HOSTILE.iter().map(|text| shown(&[hostile(text)], form)).collect();
    for ((text, page), html) in HOSTILE.iter().zip(&pages).zip(rendered(&pages)) {
        for tag in [
            "<script",
            "<img",
            "<b>",
            "<a ",
            "<details",
            "<table",
            "<blockquote",
            "<em>",
            "<strong>bold",
            "<ol",
            "<!--",
        ] {
            assert!(!html.contains(tag), "{tag} from {text:?}\n{page}\n{html}");
        }
        assert_eq!(html.matches("<h1>").count(), 1, "{text:?}\n{html}");
        // The facts, and the rows of one section; of a runbook also what was seen, with its redirects, and what was not.
        let lists = if form == "runbook" { 5 } else { 2 };
        assert_eq!(html.matches("<ul>").count(), lists, "{text:?}\n{page}\n{html}");
        // Two of the cause, two each of the failure and the warning.
        assert_eq!(html.matches("<pre>").count(), 6, "{text:?}\n{page}");
    }
}

/// The terminal gets no command from a site either.
#[test]
fn text_holds_no_command_to_the_terminal() {
    let text = shown(&many(), "text");
    let odd: Vec<char> = text.chars().filter(|sign| sign.is_control() && *sign != '\n').collect();
    assert!(odd.is_empty(), "{odd:?}");
}

#[test]
fn the_script_of_the_action_and_its_description_agree() {
    let root = home().join("..");
    let read = |file: &str| fs::read_to_string(root.join(Path::new(file))).unwrap();
    let (action, script) = (read("action.yml"), read(".ci/action"));
    let handed: Vec<(&str, &str)> = action
        .lines()
        .filter_map(|line| line.trim().split_once(": ${{ inputs."))
        .map(|(variable, input)| (variable, input.trim_end_matches(" }}")))
        .collect();
    assert!(handed.len() >= 5, "{handed:?}");
    for (variable, input) in handed {
        assert!(action.contains(&format!("\n  {input}:\n    description: ")), "{input}");
        assert!(script.contains(&format!("${{{variable}:-}}")), "{variable}");
        assert_eq!(variable, input.to_uppercase().replace('-', "_"));
    }
}

/// The hook in docs/ci.md, run by the system's shell with stand-ins for what it calls.
#[test]
fn after_a_renewal_every_name_is_looked_at_and_only_trouble_is_mailed() {
    let page = fs::read_to_string(home().join("../docs/ci.md")).unwrap();
    let hook = page.split("```sh\n").find(|block| block.starts_with("#!/bin/sh")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        file
    };
    let hook = write("hook", hook.split("```").next().unwrap());
    write("systemctl", "#!/bin/sh\necho \"systemctl $*\" >>log\n");
    write("sleep", "#!/bin/sh\n");
    write("mail", "#!/bin/sh\necho \"mail $2: $(/bin/cat)\" >>log\n");
    write("lockstep", "#!/bin/sh\necho \"look $4\" >>log\n[ \"$4\" != shop.test ] || { echo broken; exit 1; }\n");
    write("x.wild.test", ""); // what the wildcard would become
    let run = Command::new(hook)
        .env("PATH", folder.path())
        .env("RENEWED_DOMAINS", "a.test www.a.test *.wild.test shop.test b.test")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(
        fs::read_to_string(folder.path().join("log")).unwrap(),
        "systemctl reload nginx\nlook a.test\nlook www.a.test\nlook shop.test\nmail HTTPS at shop.test: broken\n\
        look b.test\n"
    );
}
