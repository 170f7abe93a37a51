//! The words and the examples in a rule's documentation.

use serde::Serialize;

use crate::rules::{self, About};

/// What a rule's documentation says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Lesson {
    /// Why it matters.
    pub why: String,
    /// How to fix it.
    pub how: String,
    /// nginx text in which it fires.
    pub wrong: String,
    /// nginx text in which it does not.
    pub right: String,
    /// A page of nginx's documentation.
    pub doc: String,
}

/// The lesson of a rule; nothing for a rule that is not known.
pub fn lesson(rule: &str) -> Option<Lesson> {
    rules::by_id(rule).map(|rule| read(&rule.about()))
}

fn read(about: &About) -> Lesson {
    let mut lesson = Lesson { doc: about.link().unwrap_or_default(), ..Lesson::default() };
    let (mut part, mut fence) = (0, None);
    for line in about.doc.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if let Some(words) = line.strip_prefix("```nginx ") {
            let into = if words.starts_with("fires") { &lesson.wrong } else { &lesson.right };
            // One example of each is enough; the first is the plainest.
            fence = Some((words.starts_with("fires"), into.is_empty()));
        } else if line.starts_with("```") {
            fence = None;
        } else if let Some((wrong, keep)) = fence {
            if keep {
                let into = if wrong { &mut lesson.wrong } else { &mut lesson.right };
                into.push_str(line);
                into.push('\n');
            }
        } else if let Some(title) = line.strip_prefix("## ") {
            part = if title.starts_with("Why") { 1 } else { 2 };
        } else if !line.trim().is_empty() {
            let into = match part {
                // The problem in one sentence: the finding says it of what stands there.
                0 => continue,
                1 => &mut lesson.why,
                _ => &mut lesson.how,
            };
            if !into.is_empty() {
                into.push(' ');
            }
            into.push_str(line.trim());
        }
    }
    lesson
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_teaches() {
        for rule in rules::ALL {
            let lesson = lesson(rule.about().id).unwrap();
            for (part, text) in
                [("why", &lesson.why), ("how", &lesson.how), ("wrong", &lesson.wrong), ("right", &lesson.right)]
            {
                assert!(!text.trim().is_empty(), "{}: {part}", rule.about().id);
                assert!(!text.contains("```") && !text.contains("##"), "{}: {part}: {text}", rule.about().id);
            }
            assert!(lesson.doc.starts_with("https://nginx.org/"), "{}: {}", rule.about().id, lesson.doc);
        }
        assert_eq!(lesson("nothing"), None);
    }
}
