use candle_core::backprop::GradStore;
use candle_core::{DType, Device, IndexOp, Result, Tensor, Var};

use super::Products;
use super::{Target, batch_norm, conv2d, cross_entropy, double, max_pool, residual, weighted_sum};
use crate::layer::Activation;
use crate::testing::{assert_close, noise, noise_tensor, values};

/// Sides of kernels and strides, as the networks have them.
const SHAPES: [(usize, usize); 5] = [(3, 1), (3, 2), (7, 2), (1, 2), (1, 1)];

/// The same convolution by candle's own operations, on NHWC tensors.
fn reference(x: &Tensor, weights: &Tensor, bias: &Tensor, stride: usize) -> Result<Tensor> {
    let x = x.permute((0, 3, 1, 2))?.contiguous()?;
    let y = x.conv2d(weights, weights.dim(2)? / 2, stride, 1, 1)?;
    y.permute((0, 2, 3, 1))?.contiguous()?.broadcast_add(bias)
}

#[test]
fn gradients_of_16_bits_are_near() -> Result<()> {
    for (kernel, stride) in [(1, 1), (3, 1), (3, 2), (5, 1)] {
        let x = Var::from_tensor(&noise_tensor(&[2, 9, 10, 7], 1)?)?;
        let weights = Var::from_tensor(&noise_tensor(&[6, 7, kernel, kernel], 2)?)?;
        let bias = Var::from_tensor(&noise_tensor(&[6], 3)?)?;
        let results = [Products::F32, Products::Bf16].map(|products| -> Result<_> {
            let y = conv2d(&x, &weights, &bias, stride, Activation::None, products)?;
            let gradients = y.sqr()?.sum_all()?.backward()?;
            let of = |var: &Var| values(gradients.get(var).expect("a gradient"));
            Ok([values(&y)?, of(&x)?, of(&weights)?, of(&bias)?])
        });
        let [exact, rounded] = results;
        for (exact, rounded) in exact?.iter().zip(rounded?) {
            let norm = |values: &mut dyn Iterator<Item = f32>| {
                values.map(|value| (value * value) as f64).sum::<f64>().sqrt()
            };
            let off = norm(&mut exact.iter().zip(&rounded).map(|(a, b)| a - b));
            let size = norm(&mut exact.iter().copied());
            assert!(off > 0.0 && off < 0.01 * size, "{off} of {size}, kernel {kernel}");
        }
    }
    Ok(())
}

#[test]
fn forward_agrees_with_candle() -> Result<()> {
    for (kernel, stride) in SHAPES {
        // Odd sizes, one line, one column, and a picture of several blocks.
        for (height, width, inputs, outputs) in
            [(5, 7, 3, 4), (1, 6, 2, 1), (6, 1, 1, 2), (70, 80, 16, 8)]
        {
            let x = noise_tensor(&[2, height, width, inputs], 1)?;
            let weights = noise_tensor(&[outputs, inputs, kernel, kernel], 2)?;
            let bias = noise_tensor(&[outputs], 3)?;
            let expected = reference(&x, &weights, &bias, stride)?;
            let found = conv2d(&x, &weights, &bias, stride, Activation::None, Products::F32)?;
            assert_eq!(found.dims(), expected.dims());
            assert_close(&values(&found)?, &values(&expected)?, 1e-4);
            let relu = conv2d(&x, &weights, &bias, stride, Activation::Relu, Products::F32)?;
            assert_close(&values(&relu)?, &values(&expected.relu()?)?, 1e-4);
            let tanh = conv2d(&x, &weights, &bias, stride, Activation::Tanh, Products::F32)?;
            assert_close(&values(&tanh)?, &values(&expected.tanh()?)?, 1e-4);
        }
    }
    Ok(())
}

#[test]
fn gradients_agree_with_candle() -> Result<()> {
    for (kernel, stride) in SHAPES {
        let x = Var::from_tensor(&noise_tensor(&[2, 6, 8, 3], 1)?)?;
        let weights = Var::from_tensor(&noise_tensor(&[4, 3, kernel, kernel], 2)?)?;
        let bias = Var::from_tensor(&noise_tensor(&[4], 3)?)?;
        let expected = reference(&x, &weights, &bias, stride)?.tanh()?;
        let found = conv2d(&x, &weights, &bias, stride, Activation::Tanh, Products::F32)?;
        let pattern = noise_tensor(found.dims(), 4)?;
        let theirs = (&expected * &pattern)?.sum_all()?.backward()?;
        let ours = (&found * &pattern)?.sum_all()?.backward()?;
        for var in [&x, &weights, &bias] {
            let get = |store: &GradStore| values(store.get(var).expect("a gradient"));
            assert_close(&get(&ours)?, &get(&theirs)?, 1e-4);
        }
    }
    Ok(())
}

/// The day this fails, candle's graph may be trained at any size.
#[test]
fn candles_gradient_of_a_halved_picture_of_odd_parity_fails() -> Result<()> {
    let x = Var::from_tensor(&noise_tensor(&[1, 1, 5, 6], 1)?)?;
    let weights = noise_tensor(&[1, 1, 3, 3], 2)?;
    let loss = x.conv2d(&weights, 1, 2, 1, 1)?.sum_all()?;
    let error = loss.backward().expect_err("shapes that do not fit").to_string();
    assert!(error.contains("shape"), "{error}");
    Ok(())
}

/// The day this fails, the graph may double by `upsample_nearest2d`.
#[test]
fn candles_gradient_of_a_doubling_overwrites() -> Result<()> {
    let x = Var::from_tensor(&noise_tensor(&[1, 1, 2, 2], 1)?)?;
    let gradient = |loss: Tensor| -> Result<Vec<f32>> {
        values(loss.backward()?.get(&x).expect("a gradient"))
    };
    let candles = (x.upsample_nearest2d(4, 4)?.sum_all()? + x.sum_all()?)?;
    let right = (double(&x.reshape((1, 2, 2, 1))?)?.sum_all()? + x.sum_all()?)?;
    assert_eq!(gradient(right)?, [5.0; 4]);
    assert_ne!(gradient(candles)?, [5.0; 4]);
    Ok(())
}

/// Compares the gradient of `loss` at `var` with central differences at some of its entries.
fn check_differences(var: &Var, loss: &dyn Fn() -> Result<Tensor>) -> Result<()> {
    const STEP: f32 = 1e-2;
    let gradients = loss()?.backward()?;
    let gradient = values(gradients.get(var).expect("a gradient"))?;
    let original = values(var)?;
    let at = |i: usize, value: f32| {
        let mut moved = original.clone();
        moved[i] = value;
        var.set(&Tensor::from_vec(moved, var.dims(), &Device::Cpu)?)?;
        loss()?.to_vec0::<f32>()
    };
    for i in (0..original.len()).step_by(original.len().div_ceil(16)) {
        let slope = (at(i, original[i] + STEP)? - at(i, original[i] - STEP)?) / (2.0 * STEP);
        let tolerance = 0.02 + 0.02 * slope.abs();
        assert!((slope - gradient[i]).abs() < tolerance, "entry {i}: {} {slope}", gradient[i]);
    }
    at(0, original[0])?;
    Ok(())
}

#[test]
fn convolution_gradients_agree_with_differences() -> Result<()> {
    for (kernel, stride) in SHAPES {
        // Height and width differ in parity: candle's own gradient fails there with stride 2.
        let x = Var::from_tensor(&noise_tensor(&[2, 5, 6, 2], 1)?)?;
        let weights = (noise_tensor(&[3, 2, kernel, kernel], 2)? / kernel as f64)?;
        let weights = Var::from_tensor(&weights)?;
        let bias = Var::from_tensor(&noise_tensor(&[3], 3)?)?;
        let loss = || {
            conv2d(&x, &weights, &bias, stride, Activation::Tanh, Products::F32)?.sqr()?.sum_all()
        };
        for var in [&x, &weights, &bias] {
            check_differences(var, &loss)?;
        }
    }
    Ok(())
}

#[test]
fn rectified_convolutions_pass_no_gradient_where_they_are_zero() -> Result<()> {
    let x = noise_tensor(&[1, 4, 4, 1], 1)?;
    let weights = Var::from_tensor(&noise_tensor(&[1, 1, 3, 3], 2)?)?;
    let bias = Var::from_tensor(&Tensor::new(&[-100f32], &Device::Cpu)?)?;
    let y = conv2d(&x, &weights, &bias, 1, Activation::Relu, Products::F32)?;
    let gradients = y.sum_all()?.backward()?;
    assert!(values(gradients.get(&weights).expect("a gradient"))?.iter().all(|&g| g == 0.0));
    Ok(())
}

#[test]
fn doubling_and_pooling_gradients_agree_with_differences() -> Result<()> {
    for (height, width) in [(4, 6), (5, 3), (1, 1)] {
        let x = Var::from_tensor(&noise_tensor(&[2, height, width, 2], 1)?)?;
        check_differences(&x, &|| double(&x)?.sqr()?.sum_all())?;
        check_differences(&x, &|| max_pool(&x)?.sqr()?.sum_all())?;
    }
    Ok(())
}

#[test]
fn the_first_of_equal_values_is_the_largest() -> Result<()> {
    let x = Var::from_tensor(&Tensor::zeros((1, 2, 2, 1), DType::F32, &Device::Cpu)?)?;
    let gradients = max_pool(&x)?.sum_all()?.backward()?;
    assert_eq!(values(gradients.get(&x).expect("a gradient"))?, [1.0, 0.0, 0.0, 0.0]);
    Ok(())
}

#[test]
fn pooling_takes_the_largest_around() -> Result<()> {
    let x: Vec<f32> = (0..20).map(|i| i as f32).collect();
    let pooled = max_pool(&Tensor::from_vec(x, (1, 4, 5, 1), &Device::Cpu)?)?;
    assert_eq!(pooled.dims(), [1, 2, 3, 1]);
    assert_eq!(values(&pooled)?, [6.0, 8.0, 9.0, 16.0, 18.0, 19.0]);
    Ok(())
}

#[test]
fn results_do_not_depend_on_the_threads() -> Result<()> {
    let run = |threads| -> Result<Vec<f32>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let x = noise_tensor(&[3, 40, 40, 4], 1)?;
            let weights = Var::from_tensor(&noise_tensor(&[8, 4, 3, 3], 2)?)?;
            let bias = noise_tensor(&[8], 3)?;
            let y = conv2d(&x, &weights, &bias, 2, Activation::None, Products::F32)?;
            let ones = Tensor::ones(8, DType::F32, &Device::Cpu)?;
            let (y, _) = batch_norm(&y, &ones, &bias, Activation::Relu)?;
            let gradients = y.sqr()?.sum_all()?.backward()?;
            values(gradients.get(&weights).expect("a gradient"))
        })
    };
    assert_eq!(run(1)?, run(3)?);
    Ok(())
}

#[test]
fn wrong_shapes_are_errors() -> Result<()> {
    let x = noise_tensor(&[1, 4, 4, 2], 1)?;
    let bias = noise_tensor(&[3], 3)?;
    let short = noise_tensor(&[3, 1, 3, 3], 2)?;
    assert!(conv2d(&x, &short, &bias, 1, Activation::None, Products::F32).is_err());
    assert!(batch_norm(&x, &bias, &bias, Activation::None).is_err());
    let double = x.to_dtype(DType::F64)?;
    let weights = noise_tensor(&[3, 2, 3, 3], 2)?;
    assert!(conv2d(&double, &weights, &bias, 1, Activation::None, Products::F32).is_err());
    Ok(())
}

#[test]
fn batch_norm_normalizes() -> Result<()> {
    let x = ((noise_tensor(&[4, 30, 30, 3], 1)? * 3.0)? + 7.0)?;
    let scale = Tensor::new(&[1f32, 1.0, 2.0], &Device::Cpu)?;
    // Far from zero, so that the rectifier cuts nothing.
    let shift = Tensor::new(&[10f32, 20.0, 30.0], &Device::Cpu)?;
    let (y, moments) = batch_norm(&x, &scale, &shift, Activation::Relu)?;
    let pixels = y.reshape((3600, 3))?;
    assert_close(&values(&pixels.mean(0)?)?, &[10.0, 20.0, 30.0], 1e-3);
    let variance = values(&pixels.var(0)?)?;
    assert_close(&variance, &[1.0, 1.0, 4.0], 3e-3);
    let channel = x.i((.., .., .., 1))?.flatten_all()?;
    assert!((moments.mean[1] - channel.mean_all()?.to_vec0::<f32>()?).abs() < 1e-4);
    assert!((moments.variance[1] - channel.var(0)?.to_vec0::<f32>()?).abs() < 1e-2);
    Ok(())
}

#[test]
fn batch_norm_gradients_agree_with_differences() -> Result<()> {
    let x = Var::from_tensor(&noise_tensor(&[2, 3, 4, 2], 5)?)?;
    let scale = Var::new(&[0.7f32, 1.3], &Device::Cpu)?;
    // Mostly above zero: differences across the rectifier's corner would be off.
    let shift = Var::new(&[4f32, 5.0], &Device::Cpu)?;
    let pattern = Tensor::from_vec(noise(48, 6), (2, 3, 4, 2), &Device::Cpu)?;
    for activation in [Activation::None, Activation::Relu] {
        let loss = || (batch_norm(&x, &scale, &shift, activation)?.0 * &pattern)?.sum_all();
        for var in [&x, &scale, &shift] {
            check_differences(var, &loss)?;
        }
    }
    Ok(())
}

#[test]
fn batch_norm_cuts_gradients_where_it_is_zero() -> Result<()> {
    let x = noise_tensor(&[1, 3, 3, 1], 5)?;
    let scale = Var::new(&[1f32], &Device::Cpu)?;
    let shift = Var::new(&[0f32], &Device::Cpu)?;
    let (y, _) = batch_norm(&x, &scale, &shift, Activation::Relu)?;
    let above = values(&y)?.iter().filter(|&&value| value > 0.0).count();
    assert!(above > 0 && above < 9, "{above} of 9 values are above zero");
    let gradients = y.sum_all()?.backward()?;
    assert_close(&values(gradients.get(&shift).expect("a gradient"))?, &[above as f32], 1e-6);
    Ok(())
}

#[test]
fn residuals_agree_with_candles_own_operations() -> Result<()> {
    let x = Var::from_tensor(&noise_tensor(&[2, 3, 4, 5], 1)?)?;
    let change = Var::from_tensor(&noise_tensor(&[2, 3, 4, 5], 2)?)?;
    let context = Var::from_tensor(&noise_tensor(&[2, 1, 1, 5], 3)?)?;
    let pattern = noise_tensor(&[2, 3, 4, 5], 4)?;
    let seen: Vec<f32> = (0..24).map(|i| if i % 3 == 0 { 0.0 } else { 1.0 }).collect();
    let seen = Tensor::from_vec(seen, (2, 3, 4, 1), &Device::Cpu)?;
    let ours = residual(&x, &change, &context, &seen)?;
    let sum = (x.as_tensor() + change.broadcast_add(&context)?.relu()?)?;
    let theirs = sum.broadcast_mul(&seen)?;
    assert_close(&values(&ours)?, &values(&theirs)?, 1e-6);
    let [ours, theirs] = [ours, theirs].map(|y| (y * &pattern)?.sum_all()?.backward());
    let (ours, theirs) = (ours?, theirs?);
    for variable in [&x, &change, &context] {
        let gradient = |store: &candle_core::backprop::GradStore| {
            values(store.get(variable).expect("a gradient"))
        };
        assert_close(&gradient(&ours)?, &gradient(&theirs)?, 1e-5);
    }
    assert!(residual(&x, &change, &context, &pattern).is_err());
    Ok(())
}

#[test]
fn weighted_sums_agree_with_candles_own_operations() -> Result<()> {
    let x = Var::from_tensor(&noise_tensor(&[2, 3, 4, 5], 1)?)?;
    let share = Tensor::from_vec(vec![0.5f32, 0.25], (2, 1, 1, 1), &Device::Cpu)?;
    let pattern = noise_tensor(&[2, 1, 1, 5], 4)?;
    let ours = weighted_sum(&x, &share)?;
    let theirs = x.sum_keepdim((1, 2))?.broadcast_mul(&share)?;
    assert_close(&values(&ours)?, &values(&theirs)?, 1e-5);
    let [ours, theirs] = [ours, theirs].map(|y| (y * &pattern)?.sum_all()?.backward());
    let gradient =
        |store: candle_core::backprop::GradStore| values(store.get(&x).expect("a gradient"));
    assert_close(&gradient(ours?)?, &gradient(theirs?)?, 1e-6);
    assert!(weighted_sum(&x, &pattern).is_err());
    Ok(())
}

#[test]
fn cross_entropy_agrees_with_candles_own_operations() -> Result<()> {
    let logits = Var::from_tensor(&(noise_tensor(&[3, 2, 7], 1)? * 9.0)?)?;
    let target = |row, class, weight| Target { row, class, weight };
    let targets = vec![target(0, 3, 0.5), target(5, 6, 2.0), target(0, 1, 0.25)];
    let ours = cross_entropy(&logits, targets.clone())?;
    let all = candle_nn::ops::log_softmax(&logits.reshape((6, 7))?, 1)?;
    let mut theirs = Tensor::new(0f32, &Device::Cpu)?;
    for Target { row, class, weight } in targets {
        theirs = (theirs - (all.i((row as usize, class as usize))? * weight as f64)?)?;
    }
    assert_close(&values(&ours)?, &values(&theirs)?, 1e-4);
    let [ours, theirs] = [ours, theirs].map(|loss| (loss * 3.0)?.backward());
    let gradient =
        |store: candle_core::backprop::GradStore| values(store.get(&logits).expect("a gradient"));
    assert_close(&gradient(ours?)?, &gradient(theirs?)?, 1e-5);
    for outside in [target(6, 0, 1.0), target(0, 7, 1.0)] {
        assert!(cross_entropy(&logits, vec![outside]).is_err());
    }
    Ok(())
}
