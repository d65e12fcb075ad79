//! BigInts: none grows beyond the platform's largest, and arithmetic on large ones is charged for its work.
//!
//! Operators cannot be replaced, so instrumentation passes their operands through here in sources that speak of BigInts.

use super::wrap;
use crate::meter;
use crate::syntax::Operand;
use boa_engine::{Context, JsArgs, JsBigInt, JsError, JsNativeError, JsObject, JsResult, JsValue};

/// Largest BigInt, in bits: the platform's engine has the same.
const MAX_BITS: u64 = 1 << 20;
/// Largest exponent where the base is not seen.
const MAX_BLIND_EXPONENT: f64 = 64.0;
/// Bits of one operand times bits of the other, for one step.
const BIT_PRODUCTS_PER_STEP: u64 = 1 << 15;

pub(super) fn install(context: &mut Context) -> JsResult<()> {
    let builtin = wrap::object_at("BigInt", context)?;
    wrap::guard(&builtin, "asIntN", to_width, context)?;
    wrap::guard(&builtin, "asUintN", to_width, context)?;
    let prototype = wrap::object_at("BigInt.prototype", context)?;
    wrap::guard(&prototype, "toString", to_text, context)?;
    wrap::replace_function("BigInt", from_value, context)
}

fn bits(value: &JsBigInt) -> u64 {
    value.as_inner().bits()
}

fn too_large() -> JsError {
    JsNativeError::range().with_message("BigInt is too large to allocate").into()
}

fn limited(bits: u64) -> JsResult<()> {
    if bits > MAX_BITS { Err(too_large()) } else { Ok(()) }
}

fn charge(left: u64, right: u64, context: &Context) -> JsResult<()> {
    meter::charge(context, left.saturating_mul(right) / BIT_PRODUCTS_PER_STEP)
}

/// An operand on its way to an operator.
pub(super) fn operand(value: &JsBigInt, part: Operand, context: &mut Context) -> JsResult<()> {
    let own = bits(value);
    let amount = value.to_f64();
    match part {
        Operand::Left => {
            limited(own)?;
            meter::push_left(own, context);
        }
        Operand::Exponent => {
            let left = meter::pop_left(context);
            // The result has at least so many bits, and less than twice as many.
            let result = left.saturating_sub(1) as f64 * amount;
            if result > MAX_BITS as f64 {
                return Err(too_large());
            }
            charge(result.max(0.0) as u64, left, context)?;
        }
        Operand::Shift => {
            let left = meter::pop_left(context);
            if left > 0 && amount.abs() > MAX_BITS as f64 {
                return Err(too_large());
            }
        }
        Operand::Factor => {
            let left = meter::pop_left(context);
            limited(left.saturating_add(own).saturating_sub(1).max(own))?;
            charge(left, own, context)?;
        }
        Operand::Divisor => {
            let left = meter::pop_left(context);
            charge(left, own, context)?;
        }
        Operand::AssignedExponent if amount > MAX_BLIND_EXPONENT => return Err(too_large()),
        Operand::AssignedShift if amount.abs() > MAX_BITS as f64 => return Err(too_large()),
        Operand::AssignedExponent | Operand::AssignedShift => {}
        Operand::Result => {
            if own > 128 * MAX_BITS {
                meter::reserve(context, usize::MAX / 2)?;
            }
            limited(own)?;
            charge(own, own, context)?;
        }
    }
    Ok(())
}

fn to_width(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    limited(arguments.get_or_undefined(0).to_index(context)?)?;
    builtin.call(this, arguments, context)
}

fn to_text(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    if let Some(value) = this.as_bigint() {
        charge(bits(&value), bits(&value) * 4, context)?;
    }
    builtin.call(this, arguments, context)
}

fn from_value(
    this: &JsValue,
    arguments: &[JsValue],
    builtin: &JsObject,
    context: &mut Context,
) -> JsResult<JsValue> {
    if let Some(text) = arguments.get_or_undefined(0).as_string() {
        let digits = text.len() as u64;
        limited(digits.saturating_mul(3))?;
        charge(digits * 4, digits * 4, context)?;
    }
    builtin.call(this, arguments, context)
}
