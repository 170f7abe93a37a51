//! Running other programs: shown, timed, and stopped with everything they started.

use std::{
    collections::BTreeSet,
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nix::{
    sys::{
        resource::{UsageWho, getrusage},
        signal::{Signal, killpg},
        time::TimeValLike,
    },
    unistd::Pid,
};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// The process groups that are running now.
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// From now on Ctrl-C and a termination signal stop every program that was started here, then this one.
pub fn stop_on_signals() -> Result<()> {
    ctrlc::set_handler(|| {
        let again = INTERRUPTED.swap(true, Ordering::SeqCst);
        signal_all(if again { Signal::SIGKILL } else { Signal::SIGTERM });
    })
    .context("Ctrl-C cannot be caught")
}

/// Somebody asked to stop.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// What ended programs have used of the processor.
pub fn processor_time() -> Duration {
    getrusage(UsageWho::RUSAGE_CHILDREN).map_or(Duration::ZERO, |usage| {
        [usage.user_time(), usage.system_time()]
            .iter()
            .map(|time| Duration::from_micros(u64::try_from(time.num_microseconds()).unwrap_or(0)))
            .sum()
    })
}

/// Waits; an error when somebody asks to stop meanwhile.
pub fn pause(time: Duration) -> Result<()> {
    let until = Instant::now() + time;
    loop {
        if interrupted() {
            bail!("stopped");
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(Duration::from_millis(50)));
    }
}

/// Runs a program to its end, its output shown as it comes.
///
/// # Errors
/// It cannot be started, fails, takes longer than `limit`, or somebody asks to stop.
pub fn shown(command: &mut Command, limit: Duration) -> Result<()> {
    let name = line(command);
    let mut group = Group::start(command)?;
    let since = Instant::now();
    loop {
        if let Some(status) = group.ended()? {
            if status.success() {
                return Ok(());
            }
            bail!("`{name}` failed ({status})");
        }
        if since.elapsed() > limit {
            bail!("`{name}` was stopped: it took longer than {} minutes", limit.as_secs() / 60);
        }
        pause(Duration::from_millis(50))?;
    }
}

/// What a program prints.
///
/// # Errors
/// It cannot be started or fails; the error carries what it said.
pub fn captured(command: &mut Command) -> Result<String> {
    let name = line(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("`{name}` cannot be started"))?;
    if !output.status.success() {
        bail!("`{name}` failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A program with everything it started, ended when dropped.
pub struct Group {
    child: Child,
    id: Pid,
}

impl Group {
    /// Starts a program at the head of its own process group.
    pub fn start(command: &mut Command) -> Result<Group> {
        Group::spawn(command.stdin(Stdio::null()))
    }

    /// The same for a program that runs until its input ends, which is when this is dropped, or when we die.
    pub fn start_until_input_ends(command: &mut Command) -> Result<Group> {
        Group::spawn(command.stdin(Stdio::piped()))
    }

    fn spawn(command: &mut Command) -> Result<Group> {
        let name = line(command);
        if interrupted() {
            bail!("stopped");
        }
        let child = command.process_group(0).spawn().with_context(|| format!("`{name}` cannot be started"))?;
        let id = i32::try_from(child.id()).context("a process id beyond i32")?;
        groups(|groups| groups.insert(id));
        Ok(Group { child, id: Pid::from_raw(id) })
    }

    /// The running program, for its pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<std::process::ExitStatus>> {
        Ok(self.child.try_wait()?)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // First politely: the lab has servers of its own to stop.
        let since = Instant::now();
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = killpg(self.id, Signal::SIGTERM);
            while matches!(self.child.try_wait(), Ok(None)) && since.elapsed() < Duration::from_secs(5) {
                thread::sleep(Duration::from_millis(20));
            }
        }
        let _ = killpg(self.id, Signal::SIGKILL);
        let _ = self.child.wait();
        groups(|groups| groups.remove(&self.id.as_raw()));
    }
}

/// The command as one would type it, for messages.
pub fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    std::iter::once(name.into()).chain(arguments).collect::<Vec<std::borrow::Cow<str>>>().join(" ")
}

fn signal_all(signal: Signal) {
    groups(|groups| {
        for id in groups.iter() {
            let _ = killpg(Pid::from_raw(*id), signal);
        }
    });
}

fn groups<T>(change: impl FnOnce(&mut BTreeSet<i32>) -> T) -> T {
    change(&mut GROUPS.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command() {
        let error = shown(Command::new("false").arg("--really"), Duration::from_secs(10)).unwrap_err();
        assert!(error.to_string().starts_with("`false --really` failed"), "{error}");
    }

    #[test]
    fn what_takes_too_long_is_stopped_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("child");
        let script = format!("sleep 600 & echo $! > {}; wait", file.display());
        let since = Instant::now();
        let error = shown(Command::new("sh").args(["-c", &script]), Duration::from_millis(500)).unwrap_err();
        assert!(error.to_string().contains("took longer"), "{error}");
        assert!(since.elapsed() < Duration::from_secs(6));
        let child: i32 = std::fs::read_to_string(file).unwrap().trim().parse().unwrap();
        let state = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        assert!(state.is_empty() || state.contains(") Z "), "the grandchild is still running: {state}");
    }
}
