use candle_core::{DType, Device, IndexOp, Result, Tensor, Var};

use super::{batch_norm_relu, conv3x3};
use crate::layer::{Activation, Sampling, pack_weights};
use crate::testing::{assert_close, noise, noise_tensor, values};

const SAMPLINGS: [Sampling; 3] = [Sampling::Same, Sampling::Halved, Sampling::Doubled];

/// The same convolution by candle's own operations, on NHWC tensors and unpacked weights.
fn reference(x: &Tensor, weights: &Tensor, bias: &Tensor, sampling: Sampling) -> Result<Tensor> {
    let x = x.permute((0, 3, 1, 2))?.contiguous()?;
    let (_, _, height, width) = x.dims4()?;
    let (x, stride) = match sampling {
        Sampling::Same => (x, 1),
        Sampling::Halved => (x, 2),
        Sampling::Doubled => (x.upsample_nearest2d(height * 2, width * 2)?, 1),
    };
    let y = x.conv2d(weights, 1, stride, 1, 1)?;
    y.permute((0, 2, 3, 1))?.contiguous()?.broadcast_add(bias)
}

fn packed(weights: &Tensor) -> Result<Tensor> {
    let (outputs, inputs, _, _) = weights.dims4()?;
    let packed = pack_weights(&values(weights)?, inputs, outputs);
    Tensor::from_vec(packed, (9 * inputs, outputs), &Device::Cpu)
}

#[test]
fn forward_agrees_with_candle() -> Result<()> {
    for sampling in SAMPLINGS {
        // Odd sizes, one line, one column, and a picture of several blocks.
        for (height, width, inputs, outputs) in
            [(5, 7, 3, 4), (1, 6, 2, 1), (6, 1, 1, 2), (70, 80, 16, 8)]
        {
            let x = noise_tensor(&[2, height, width, inputs], 1)?;
            let weights = noise_tensor(&[outputs, inputs, 3, 3], 2)?;
            let bias = noise_tensor(&[outputs], 3)?;
            let expected = reference(&x, &weights, &bias, sampling)?;
            let found = conv3x3(&x, &packed(&weights)?, &bias, sampling, Activation::None)?;
            assert_eq!(found.dims(), expected.dims());
            assert_close(&values(&found)?, &values(&expected)?, 1e-4);
            let relu = conv3x3(&x, &packed(&weights)?, &bias, sampling, Activation::Relu)?;
            assert_close(&values(&relu)?, &values(&expected.relu()?)?, 1e-4);
            let tanh = conv3x3(&x, &packed(&weights)?, &bias, sampling, Activation::Tanh)?;
            assert_close(&values(&tanh)?, &values(&expected.tanh()?)?, 1e-4);
        }
    }
    Ok(())
}

#[test]
fn gradients_agree_with_candle() -> Result<()> {
    for sampling in SAMPLINGS {
        let x = Var::from_tensor(&noise_tensor(&[2, 6, 8, 3], 1)?)?;
        let weights = Var::from_tensor(&noise_tensor(&[4, 3, 3, 3], 2)?)?;
        let bias = Var::from_tensor(&noise_tensor(&[4], 3)?)?;
        let packed = Var::from_tensor(&packed(&weights)?)?;
        let expected = reference(&x, &weights, &bias, sampling)?.tanh()?;
        let found = conv3x3(&x, &packed, &bias, sampling, Activation::Tanh)?;
        let pattern = noise_tensor(found.dims(), 4)?;
        let theirs = (&expected * &pattern)?.sum_all()?.backward()?;
        let ours = (&found * &pattern)?.sum_all()?.backward()?;
        let get = |store: &candle_core::backprop::GradStore, var: &Var| {
            values(store.get(var).expect("a gradient"))
        };
        assert_close(&get(&ours, &x)?, &get(&theirs, &x)?, 1e-4);
        assert_close(&get(&ours, &bias)?, &get(&theirs, &bias)?, 1e-4);
        let weight_gradient = theirs.get(&weights).expect("a gradient");
        let repacked = pack_weights(&values(weight_gradient)?, 3, 4);
        assert_close(&get(&ours, &packed)?, &repacked, 1e-4);
    }
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
    for sampling in SAMPLINGS {
        // Height and width differ in parity: candle's own gradient fails there with stride 2.
        let x = Var::from_tensor(&noise_tensor(&[2, 5, 6, 2], 1)?)?;
        let weights = Var::from_tensor(&noise_tensor(&[18, 3], 2)?)?;
        let bias = Var::from_tensor(&noise_tensor(&[3], 3)?)?;
        let loss = || conv3x3(&x, &weights, &bias, sampling, Activation::Tanh)?.sqr()?.sum_all();
        for var in [&x, &weights, &bias] {
            check_differences(var, &loss)?;
        }
    }
    Ok(())
}

#[test]
fn rectified_convolutions_pass_no_gradient_where_they_are_zero() -> Result<()> {
    let x = noise_tensor(&[1, 4, 4, 1], 1)?;
    let weights = Var::from_tensor(&noise_tensor(&[9, 1], 2)?)?;
    let bias = Var::from_tensor(&Tensor::new(&[-100f32], &Device::Cpu)?)?;
    let y = conv3x3(&x, &weights, &bias, Sampling::Same, Activation::Relu)?;
    let gradients = y.sum_all()?.backward()?;
    assert!(values(gradients.get(&weights).expect("a gradient"))?.iter().all(|&g| g == 0.0));
    Ok(())
}

#[test]
fn a_tensor_used_twice_gets_both_gradients() -> Result<()> {
    let x = Var::from_tensor(&noise_tensor(&[1, 2, 2, 1], 1)?)?;
    let weights = noise_tensor(&[9, 1], 2)?;
    let bias = Tensor::zeros(1, DType::F32, &Device::Cpu)?;
    let apply = || conv3x3(&x, &weights, &bias, Sampling::Doubled, Activation::None);
    let once = apply()?.sum_all()?.backward()?;
    let twice = (apply()? + apply()?)?.sum_all()?.backward()?;
    let get = |store: &candle_core::backprop::GradStore| values(store.get(&x).expect("a gradient"));
    let doubled: Vec<f32> = get(&once)?.iter().map(|g| g * 2.0).collect();
    assert_close(&get(&twice)?, &doubled, 1e-5);
    Ok(())
}

#[test]
fn results_do_not_depend_on_the_threads() -> Result<()> {
    let run = |threads| -> Result<Vec<f32>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let x = noise_tensor(&[3, 40, 40, 4], 1)?;
            let weights = Var::from_tensor(&noise_tensor(&[36, 8], 2)?)?;
            let bias = noise_tensor(&[8], 3)?;
            let y = conv3x3(&x, &weights, &bias, Sampling::Halved, Activation::None)?;
            let ones = Tensor::ones(8, DType::F32, &Device::Cpu)?;
            let (y, _) = batch_norm_relu(&y, &ones, &bias)?;
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
    let short = noise_tensor(&[9, 3], 2)?;
    assert!(conv3x3(&x, &short, &bias, Sampling::Same, Activation::None).is_err());
    assert!(batch_norm_relu(&x, &bias, &bias).is_err());
    let double = x.to_dtype(DType::F64)?;
    let weights = noise_tensor(&[18, 3], 2)?;
    assert!(conv3x3(&double, &weights, &bias, Sampling::Same, Activation::None).is_err());
    Ok(())
}

#[test]
fn batch_norm_normalizes() -> Result<()> {
    let x = ((noise_tensor(&[4, 30, 30, 3], 1)? * 3.0)? + 7.0)?;
    let scale = Tensor::new(&[1f32, 1.0, 2.0], &Device::Cpu)?;
    // Far from zero, so that the rectifier cuts nothing.
    let shift = Tensor::new(&[10f32, 20.0, 30.0], &Device::Cpu)?;
    let (y, moments) = batch_norm_relu(&x, &scale, &shift)?;
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
    let loss = || (batch_norm_relu(&x, &scale, &shift)?.0 * &pattern)?.sum_all();
    for var in [&x, &scale, &shift] {
        check_differences(var, &loss)?;
    }
    Ok(())
}

#[test]
fn batch_norm_cuts_gradients_where_it_is_zero() -> Result<()> {
    let x = noise_tensor(&[1, 3, 3, 1], 5)?;
    let scale = Var::new(&[1f32], &Device::Cpu)?;
    let shift = Var::new(&[0f32], &Device::Cpu)?;
    let (y, _) = batch_norm_relu(&x, &scale, &shift)?;
    let above = values(&y)?.iter().filter(|&&value| value > 0.0).count();
    assert!(above > 0 && above < 9, "{above} of 9 values are above zero");
    let gradients = y.sum_all()?.backward()?;
    assert_close(&values(gradients.get(&shift).expect("a gradient"))?, &[above as f32], 1e-6);
    Ok(())
}
