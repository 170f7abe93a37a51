//! `/api/openapi.json`: the operations as `openapi.json` beside this file has them, with the schemas of what they answer
//! made from the types themselves, the limits from the programs, and the problems from the worker's table.

use std::fs;

use anyhow::{Context, Result};
use lockstep::{Event, Report};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

use super::told::constant;
use crate::project::path;

const OPERATIONS: &str = include_str!("openapi.json");

/// The document.
pub fn document() -> Result<String> {
    let mut text = OPERATIONS.to_owned();
    let limits = fs::read_to_string(path("worker/src/limits.rs"))?;
    for name in ["CLIENT_CHECKS", "CLIENT_SECONDS", "TARGET_CHECKS", "TARGET_SECONDS", "REPORT_SECONDS", "PATHS"] {
        text = text.replace(&format!("{{{{{name}}}}}"), &constant(&limits, name)?.to_string());
    }
    let store = fs::read_to_string(path("worker/src/store.rs"))?;
    text = text.replace("{{DAYS}}", &constant(&store, "DAYS")?.to_string());
    let mut document: Value = serde_json::from_str(&text).context("openapi.json")?;
    let errors = fs::read_to_string(path("worker/src/error.rs"))?;
    *at(&mut document, "/components/schemas/Problem/properties/type/enum")? = problems(&errors).into();
    let schemas = at(&mut document, "/components/schemas")?.as_object_mut().context("schemas are no object")?;
    schemas.extend(types());
    Ok(serde_json::to_string(&document)?)
}

/// What the API answers with, by the types' own names.
fn types() -> serde_json::Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = SchemaGenerator::new(settings);
    generator.subschema_for::<Report>();
    generator.subschema_for::<Event>();
    generator.take_definitions(true)
}

/// The types of problems that the worker's table has.
fn problems(source: &str) -> Vec<String> {
    let table = source.split("pub(crate) const PROBLEMS").nth(1).and_then(|rest| rest.split("\n];").next());
    let table = table.unwrap_or_default();
    let of = |before: &'static str| table.split(before).skip(1);
    let kinds = of("bad(").chain(of("kind:")).filter_map(|rest| rest.split('"').nth(1));
    let mut kinds: Vec<String> = kinds.map(|kind| format!("/problems/{kind}")).collect();
    kinds.sort();
    kinds
}

fn at<'d>(document: &'d mut Value, pointer: &str) -> Result<&'d mut Value> {
    document.pointer_mut(pointer).with_context(|| format!("openapi.json has no {pointer}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_one_name_and_every_reference_leads_somewhere() {
        let text = document().unwrap();
        assert!(!text.contains("{{"), "a placeholder is left");
        let document: Value = serde_json::from_str(&text).unwrap();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
        let schemas = document["components"]["schemas"].as_object().unwrap();
        // A second type of the same name would be told apart by a number.
        let digits = |c: char| c.is_ascii_digit();
        let again = |name: &&String| name.ends_with(digits) && schemas.contains_key(name.trim_end_matches(digits));
        let doubled: Vec<&String> = schemas.keys().filter(again).collect();
        assert!(doubled.is_empty(), "{doubled:?}");
        assert!(schemas.len() > 50, "{}", schemas.len());
        let problems = problems(&fs::read_to_string(path("worker/src/error.rs")).unwrap());
        assert!(problems.contains(&"/problems/rate-limited".to_owned()) && problems.len() > 12, "{problems:?}");
    }
}
