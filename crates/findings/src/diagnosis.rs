//! A diagnosis: one cause that explains several findings.

use serde::{Deserialize, Serialize};

use crate::{Evidence, Fix, Prove};

/// One cause, and the findings that fold beneath it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Diagnosis {
    /// Kebab-case, named after the cause, equal to the file name.
    pub id: String,
    /// The cause in one sentence.
    pub cause: String,
    /// Who is affected and how.
    pub affects: String,
    /// The one change, names filled in.
    pub fix: Fix,
    /// The command that proves it.
    pub prove: Prove,
    /// [`crate::Finding::key`] of each finding that this cause explains.
    pub explains: Vec<String>,
    /// Why we think so.
    pub evidence: Vec<Evidence>,
    /// The next most likely cause, and how to tell them apart; empty when there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub otherwise: String,
}
