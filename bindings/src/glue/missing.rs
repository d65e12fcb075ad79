//! Reads of members that there are not. They stay `undefined`, as in JavaScript, and the last one is remembered: when the
//! script then calls it, its failure can say what it called and what it may have meant.

use boa_engine::object::JsObject;
use boa_engine::object::builtins::JsProxy;
use boa_engine::property::PropertyKey;
use boa_engine::{Context, Finalize, JsData, JsResult, JsValue, Trace, js_string};

use super::state::State;
use crate::surface::Surface;

/// Names that were never members and stand in scripts all the same, and what is meant by them (semantics 12.3).
const MEANT: &[(&str, &str)] = &[("callId", "id"), ("getId", "id"), ("getCallId", "id")];

/// A member that was read and is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing {
    /// The class or the namespace.
    pub owner: &'static str,
    /// What was read.
    pub name: String,
}

/// What stands behind the members of an owner.
#[derive(Debug, Clone, Copy, Trace, Finalize, JsData)]
#[boa_gc(empty_trace)]
struct Behind {
    owner: &'static str,
}

/// The prototype of an owner's prototype: it has the members of every object, and remembers what is read beside them.
pub(crate) fn behind(owner: &'static str, context: &mut Context) -> JsResult<JsObject> {
    let ordinary = context.intrinsics().constructors().object().prototype();
    let target = JsObject::from_proto_and_data(Some(ordinary), Behind { owner });
    Ok(JsProxy::builder(target).get(read).build(context)?.into())
}

/// `get` of it: the target, the key, the receiver.
fn read(_: &JsValue, args: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let [target, key, receiver, ..] = args else { return Ok(JsValue::undefined()) };
    let Some(target) = target.as_object() else { return Ok(JsValue::undefined()) };
    let key = key.to_property_key(context)?;
    let ordinary = context.intrinsics().constructors().object().prototype();
    if ordinary.has_property(key.clone(), context)? {
        // The only getter among them tells of the object itself.
        let is_getter = matches!(&key, PropertyKey::String(name) if *name == js_string!("__proto__"));
        let own = receiver.as_object().filter(|_| is_getter);
        return match own {
            Some(object) => Ok(object.prototype().map_or(JsValue::null(), JsValue::from)),
            None => ordinary.get(key, context),
        };
    }
    if let (Some(behind), PropertyKey::String(name)) = (target.downcast_ref::<Behind>(), &key) {
        let missing = Missing { owner: behind.owner, name: name.to_std_string_lossy() };
        State::of(context)?.script.borrow_mut().missing = Some(missing);
    }
    Ok(JsValue::undefined())
}

/// The member that was probably meant, with the brackets of a call if it is one.
pub(crate) fn meant(surface: &Surface, missing: &Missing) -> Option<String> {
    let methods = surface.methods_of(missing.owner);
    let functions = surface.functions.iter().filter_map(|function| {
        let (owner, name) = function.name.rsplit_once('.')?;
        (owner == missing.owner).then_some(name)
    });
    let known: Vec<&str> = methods.into_iter().chain(functions).collect();
    let told = MEANT.iter().find(|(wrong, right)| *wrong == missing.name && known.contains(right));
    let near = || nearest(&missing.name, known.iter().copied());
    told.map(|(_, right)| *right).or_else(near).map(|name| format!("{name}()"))
}

/// The name that is nearest to a wrong one, if one is near.
pub(crate) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let distance = |name: &&str| steps_between(&wrong, &name.to_lowercase());
    let nearest = known.min_by_key(distance)?;
    (distance(&nearest) <= 1 + wrong.len() / 4).then_some(nearest)
}

/// Letters to put in, leave out, change or swap.
fn steps_between(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1; b.len() + 1];
        for (j, y) in b.iter().enumerate() {
            let changed = last[j] + usize::from(x != y);
            row[j + 1] = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surface::surface;

    #[test]
    fn the_nearest_member_is_meant() {
        let meant = |owner, name: &str| meant(surface(), &Missing { owner, name: name.to_owned() });
        assert_eq!(meant("Call", "callId").as_deref(), Some("id()"));
        assert_eq!(meant("Call", "hangUp").as_deref(), Some("hangup()"));
        assert_eq!(meant("VoxEngine", "callPTSN").as_deref(), Some("callPSTN()"));
        assert_eq!(meant("Logger", "wrte").as_deref(), Some("write()"));
        assert_eq!(meant("Call", "somethingElse"), None);
    }
}
