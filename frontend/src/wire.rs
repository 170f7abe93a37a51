//! From the browser's JSON to our types: the smallest reader that serde's derived code can be driven by.
//!
//! The browser parses; this only walks what it made. It reads exactly the forms that our types have on the wire and
//! calls exactly one method of each derived visitor, so that nothing else is compiled in: a general JSON reader costs
//! a quarter of the page's size.

use std::{cell::RefCell, fmt, rc::Rc};

use js_sys::{Array, Function, JSON, JsString, Object, Reflect};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, throw_str};

/// Reads one JSON text; `None` when it is not what is expected.
pub(crate) fn read<T: DeserializeOwned + 'static>(text: &str) -> Option<T> {
    let value = JSON::parse(text).ok()?;
    let read = Rc::new(RefCell::new(None));
    let kept = Rc::clone(&read);
    let reader = Closure::once(move || {
        let Ok(value) = T::deserialize(Value(value));
        *kept.borrow_mut() = Some(value);
    });
    // What is unexpected is thrown; calling through the browser is how it is caught.
    reader.as_ref().unchecked_ref::<Function>().call0(&JsValue::NULL).ok()?;
    read.take()
}

/// It is not what is expected. There is no such value: the reader throws instead of returning an error, so that no
/// code is needed to clean up after one at each of a few hundred fields.
#[derive(Debug)]
enum Unexpected {}

fn unexpected() -> ! {
    throw_str("an answer of another version")
}

impl fmt::Display for Unexpected {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Unexpected {}

impl de::Error for Unexpected {
    fn custom<T: fmt::Display>(_: T) -> Unexpected {
        unexpected()
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Unexpected {
        unexpected()
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Unexpected {
        unexpected()
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Unexpected {
        unexpected()
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Unexpected {
        unexpected()
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Unexpected {
        unexpected()
    }

    fn missing_field(_: &'static str) -> Unexpected {
        unexpected()
    }

    fn duplicate_field(_: &'static str) -> Unexpected {
        unexpected()
    }
}

type Read<T> = Result<T, Unexpected>;

/// A parsed value.
struct Value(JsValue);

impl Value {
    fn text(&self) -> Read<String> {
        Ok(self.0.as_string().unwrap_or_else(|| unexpected()))
    }

    /// Whole numbers; the wire has no others.
    fn number(&self) -> Read<i64> {
        // Truncation is what is wanted: the number is whole, and saturates at the ends.
        Ok(self.0.as_f64().unwrap_or_else(|| unexpected()) as i64)
    }

    fn items(self) -> Read<Items> {
        let array: Array = self.0.dyn_into().unwrap_or_else(|_| unexpected());
        Ok(Items { array, at: 0 })
    }

    fn is_nothing(&self) -> bool {
        self.0.is_null() || self.0.is_undefined()
    }
}

macro_rules! signed {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
            visitor.visit_i64(self.number()?)
        })*
    };
}

macro_rules! unsigned {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
            visitor.visit_u64(u64::try_from(self.number()?).unwrap_or_else(|_| unexpected()))
        })*
    };
}

macro_rules! never {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, _: V) -> Read<V::Value> {
            unexpected()
        })*
    };
}

macro_rules! string {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
            visitor.visit_string(self.text()?)
        })*
    };
}

impl<'de> Deserializer<'de> for Value {
    type Error = Unexpected;

    signed!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    unsigned!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64);
    string!(deserialize_str deserialize_string);
    never!(deserialize_any deserialize_f32 deserialize_f64 deserialize_char deserialize_bytes deserialize_byte_buf
        deserialize_map deserialize_identifier deserialize_ignored_any);

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_bool(self.0.as_bool().unwrap_or_else(|| unexpected()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        if self.is_nothing() { visitor.visit_none() } else { visitor.visit_some(self) }
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
        if !self.0.is_object() {
            unexpected();
        }
        visitor.visit_map(Fields { object: self.0, fields, at: 0, value: JsValue::UNDEFINED })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        visitor.visit_enum(variant(&self.0, variants))
    }
}

/// Which variant it is: a name alone, or an object of one key.
fn variant(value: &JsValue, variants: &[&str]) -> Variant {
    let (name, value) = match value.as_string() {
        Some(name) => (name, JsValue::NULL),
        None => {
            let Some(object) = value.dyn_ref::<Object>() else { unexpected() };
            let key = Object::keys(object).get(0);
            (key.as_string().unwrap_or_default(), Reflect::get(object, &key).unwrap_or_default())
        }
    };
    let at = variants.iter().position(|known| *known == name).unwrap_or_else(|| unexpected());
    Variant { at, value }
}

/// The fields of a struct that are there, in the order of its declaration; what else there is stays unread.
struct Fields {
    object: JsValue,
    fields: &'static [&'static str],
    at: usize,
    value: JsValue,
}

impl Fields {
    /// Goes to the next field that is there, and says which it is.
    fn advance(&mut self) -> Option<usize> {
        while let Some(field) = self.fields.get(self.at) {
            let at = self.at;
            self.at += 1;
            self.value = Reflect::get(&self.object, &JsString::from(*field)).unwrap_or_default();
            if !self.value.is_undefined() {
                return Some(at);
            }
        }
        None
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Unexpected;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Read<Option<K::Value>> {
        match self.advance() {
            Some(at) => seed.deserialize(Name(at)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Read<V::Value> {
        seed.deserialize(Value(std::mem::replace(&mut self.value, JsValue::UNDEFINED)))
    }
}

struct Items {
    array: Array,
    at: u32,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Unexpected;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        if self.at >= self.array.length() {
            return Ok(None);
        }
        let item = self.array.get(self.at);
        self.at += 1;
        seed.deserialize(Value(item)).map(Some)
    }
}

/// One variant, by its place in the declaration, and what it holds.
struct Variant {
    at: usize,
    value: JsValue,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Unexpected;
    type Variant = Value;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Read<(V::Value, Value)> {
        Ok((seed.deserialize(Name(self.at))?, Value(self.value)))
    }
}

impl<'de> VariantAccess<'de> for Value {
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

    never!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_any deserialize_f32 deserialize_f64 deserialize_char
        deserialize_bytes deserialize_byte_buf deserialize_map deserialize_ignored_any deserialize_bool
        deserialize_option deserialize_unit deserialize_seq deserialize_str deserialize_string);

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_u64(self.0 as u64)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Read<V::Value> {
        unexpected()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Read<V::Value> {
        unexpected()
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Read<V::Value> {
        unexpected()
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, _: V) -> Read<V::Value> {
        unexpected()
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], _: V) -> Read<V::Value> {
        unexpected()
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], _: V) -> Read<V::Value> {
        unexpected()
    }
}
