//! From JSON to a report: the smallest reader that serde's derived code can be driven by.
//!
//! serde_json's own would be 90 kB of what may be uploaded, most of it for forms that our types do not have, and for
//! saying at which of some hundred fields something is wrong. The page has a reader of the same kind, of the browser's
//! values, which throws; this one returns, because at the edge a stranger sends what is read.

use std::fmt;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde_json::Value;

use crate::error::ApiError;

/// Reads JSON as one of our types.
///
/// # Errors
/// [`ApiError::Report`] where it is no JSON, with the place, or not of this type.
pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, ApiError> {
    let value: Value = serde_json::from_slice(json).map_err(|error| ApiError::Report(format!("{error}.")))?;
    T::deserialize(Part(&value)).map_err(|Unexpected| ApiError::Report("It is not what a report is made of.".into()))
}

/// It is not what is expected.
#[derive(Debug)]
struct Unexpected;

impl fmt::Display for Unexpected {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Unexpected {}

impl de::Error for Unexpected {
    fn custom<T: fmt::Display>(_: T) -> Unexpected {
        Unexpected
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Unexpected {
        Unexpected
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Unexpected {
        Unexpected
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Unexpected {
        Unexpected
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Unexpected {
        Unexpected
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Unexpected {
        Unexpected
    }

    fn missing_field(_: &'static str) -> Unexpected {
        Unexpected
    }

    fn duplicate_field(_: &'static str) -> Unexpected {
        Unexpected
    }
}

type Read<T> = Result<T, Unexpected>;

/// A value, or a part of one.
#[derive(Clone, Copy)]
struct Part<'v>(&'v Value);

impl<'v> Part<'v> {
    fn items(self) -> Read<Items<'v>> {
        self.0.as_array().map(|items| Items(items.iter())).ok_or(Unexpected)
    }
}

macro_rules! signed {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
            visitor.visit_i64(self.0.as_i64().ok_or(Unexpected)?)
        })*
    };
}

macro_rules! unsigned {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
            visitor.visit_u64(self.0.as_u64().ok_or(Unexpected)?)
        })*
    };
}

macro_rules! string {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
            visitor.visit_str(self.0.as_str().ok_or(Unexpected)?)
        })*
    };
}

/// Forms that none of our types has.
macro_rules! never {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Read<V::Value> {
            Err(Unexpected)
        })*
    };
}

impl<'de> Deserializer<'de> for Part<'_> {
    type Error = Unexpected;

    signed!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    unsigned!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64);
    string!(deserialize_str deserialize_string);
    never!(deserialize_any deserialize_f32 deserialize_f64 deserialize_char deserialize_bytes deserialize_byte_buf
        deserialize_map deserialize_identifier deserialize_ignored_any);

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_bool(self.0.as_bool().ok_or(Unexpected)?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Read<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Read<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_seq(self.items()?)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Read<V::Value> {
        visitor.visit_seq(self.items()?)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Read<V::Value> {
        visitor.visit_seq(self.items()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        let object = self.0.as_object().ok_or(Unexpected)?;
        visitor.visit_map(Fields { object, fields: fields.iter().enumerate(), value: self.0 })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        visitor.visit_enum(variant(self.0, variants).ok_or(Unexpected)?)
    }
}

/// Which variant it is: a name alone, or an object of one key.
fn variant<'v>(value: &'v Value, variants: &[&str]) -> Option<Variant<'v>> {
    let (name, value) = match value {
        Value::String(name) => (name, &Value::Null),
        Value::Object(object) if object.len() == 1 => object.iter().next()?,
        _ => return None,
    };
    let at = variants.iter().position(|known| known == name)?;
    Some(Variant { at, value: Part(value) })
}

/// The fields of a struct that are there, in the order of its declaration; what else there is stays unread.
struct Fields<'v> {
    object: &'v serde_json::Map<String, Value>,
    fields: std::iter::Enumerate<std::slice::Iter<'static, &'static str>>,
    value: &'v Value,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Unexpected;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Read<Option<K::Value>> {
        let object = self.object;
        match self.fields.find_map(|(at, field)| Some((at, object.get(*field)?))) {
            Some((at, value)) => {
                self.value = value;
                seed.deserialize(Name(at)).map(Some)
            }
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Read<V::Value> {
        seed.deserialize(Part(self.value))
    }
}

struct Items<'v>(std::slice::Iter<'v, Value>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Unexpected;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        self.0.next().map(|item| seed.deserialize(Part(item))).transpose()
    }
}

/// One variant, by its place in the declaration, and what it holds.
struct Variant<'v> {
    at: usize,
    value: Part<'v>,
}

impl<'de, 'v> EnumAccess<'de> for Variant<'v> {
    type Error = Unexpected;
    type Variant = Part<'v>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Read<(V::Value, Part<'v>)> {
        Ok((seed.deserialize(Name(self.at))?, self.value))
    }
}

impl<'de> VariantAccess<'de> for Part<'_> {
    type Error = Unexpected;

    fn unit_variant(self) -> Read<()> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Read<T::Value> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Read<V::Value> {
        visitor.visit_seq(self.items()?)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Read<V::Value> {
        self.deserialize_struct("", fields, visitor)
    }
}

/// A field or a variant, by its place in the declaration: derived code takes that as well as the name, and a jump is
/// smaller than a comparison of every name.
struct Name(usize);

impl<'de> Deserializer<'de> for Name {
    type Error = Unexpected;

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char bool option unit seq str string bytes byte_buf map ignored_any
        unit_struct newtype_struct tuple tuple_struct struct enum
    }

    never!(deserialize_any);

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_u64(u64::try_from(self.0).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use lockstep::{Observations, Report};

    use super::*;

    /// Every form that a report takes, as serde_json reads it.
    #[test]
    fn reports_are_read_as_the_general_reader_reads_them() {
        let kept: Value = serde_json::from_str(include_str!("../tests/reports/v1.json")).unwrap();
        let json = kept["report"].to_string();
        assert_eq!(read::<Report>(json.as_bytes()).unwrap(), serde_json::from_str::<Report>(&json).unwrap());
        for json in [
            include_str!("../../crates/view/tests/recordings/healthy-apex.json"),
            include_str!("../../crates/view/tests/recordings/not-set-up.json"),
        ] {
            let read = read::<Observations>(json.as_bytes()).unwrap();
            assert_eq!(read, serde_json::from_str::<Observations>(json).unwrap());
        }
    }

    /// Wherever something else stands, it is either refused or of no matter, and never a panic.
    #[test]
    fn whatever_stands_in_place_of_a_part_is_refused_as_the_general_reader_refuses_it() {
        let kept: Value = serde_json::from_str(include_str!("../tests/reports/v1.json")).unwrap();
        let mut places = Vec::new();
        collect(&kept["report"], String::new(), &mut places);
        assert!(places.len() > 500);
        for place in places.iter().step_by(41) {
            for other in [Value::Null, "x".into(), 7.into(), (-1).into(), true.into(), Value::Array(vec![]), 1.5.into()]
            {
                let mut changed = kept["report"].clone();
                *changed.pointer_mut(place).unwrap() = other;
                let json = changed.to_string();
                let ours = read::<Report>(json.as_bytes()).ok();
                if let Some(ours) = ours {
                    // What is a number is one for both, and what is missing is missing.
                    assert_eq!(Some(ours), serde_json::from_str::<Report>(&json).ok(), "{place}");
                }
            }
        }
    }

    fn collect(value: &Value, at: String, places: &mut Vec<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, it)| collect(it, format!("{at}/{name}"), places)),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, it)| collect(it, format!("{at}/{index}"), places));
            }
            _ => {}
        }
        places.push(at);
    }
}
