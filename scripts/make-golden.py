"""What scripts/make-golden runs: tiny models of several families, and what transformers makes of them.

Arguments: the directory to write to, then names of models (none: all). For each model NAME, a directory with

  config.json, model.safetensors   as transformers writes them
  config_v4.json                   the same configuration in the wording of transformers 4
  golden.safetensors               input_ids, labels, attention_mask (3,24), padded on the right; logits; hidden.in.I, the
                                   input of layer I, hidden.pre_norm and hidden.last, before and after the final norm;
                                   inv_freq, the rotary frequencies; grad.NAME, the loss's gradient for each parameter
  golden.json                      the loss (mean over the targets, in nats), their number, the gradient's norm, and two
                                   prompts with their greedy tokens and the margins between the two best logits

phi4_mini also has adapter/, a PEFT adapter of all its linear layers; golden.json then has its loss, adapter.safetensors
its gradients.

All in float32 on one thread with fixed seeds. Values at padding mean nothing.
"""

import json
import math
import os
import sys
import tempfile

import peft
import safetensors
import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

PAD, BOS, EOS = 0, 1, 2
BASE = {
    "vocab_size": 128,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "rms_norm_eps": 1e-5,
    "tie_word_embeddings": False,
    "pad_token_id": PAD,
    "bos_token_id": BOS,
    "eos_token_id": EOS,
}


def longrope(pairs):
    return {
        "rope_type": "longrope",
        "rope_theta": 10000.0,
        "partial_rotary_factor": 0.75,
        "short_factor": [round(1.0 + 0.07 * i, 2) for i in range(pairs)],
        "long_factor": [1.0 + 3.5 * i for i in range(pairs)],
    }


# Heads of another size than hidden/heads; a window smaller than the rows; layers without rotary positions; a quarter of
# each head unturned, and frequencies stretched by LongRoPE.
MODELS = {
    "qwen3": ("Qwen3", {"head_dim": 16, "tie_word_embeddings": True, "rope_parameters": {"rope_type": "default", "rope_theta": 1e6}}),
    "smollm3": (
        "SmolLM3",
        {"num_hidden_layers": 4, "tie_word_embeddings": True, "rope_parameters": {"rope_type": "default", "rope_theta": 5e6}},
    ),
    "phi3_mini": (
        "Phi3",
        {"num_key_value_heads": 4, "sliding_window": 100, "rope_parameters": {"rope_type": "default", "rope_theta": 1e4}},
    ),
    "phi4_mini": (
        "Phi3",
        {
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "tie_word_embeddings": True,
            "max_position_embeddings": 2048,
            "original_max_position_embeddings": 256,
            "rope_parameters": longrope(6),
        },
    ),
    "mistral_window": (
        "Mistral",
        {"sliding_window": 7, "head_dim": None, "rope_parameters": {"rope_type": "default", "rope_theta": 1e4}},
    ),
}


ADAPTED = "phi4_mini"


def generator(seed):
    return torch.Generator().manual_seed(seed)


def build(name):
    family, changes = MODELS[name]
    config = getattr(transformers, family + "Config")(**{**BASE, **changes}, attn_implementation="eager")
    model = getattr(transformers, family + "ForCausalLM")(config).float().eval()
    source = generator(2000 + list(MODELS).index(name))
    with torch.no_grad():
        for parameter, tensor in sorted(model.named_parameters()):
            drawn = torch.randn(tensor.shape, generator=source)
            tensor.copy_(1 + 0.1 * drawn if "norm" in parameter else 0.15 * drawn)
    return model


def batch():
    """Rows of 24, 19 and 15 tokens; nothing is learnt of the prompts, the padding and a piece inside the first row."""
    ids = torch.randint(3, BASE["vocab_size"], (3, 24), generator=generator(1))
    mask = torch.zeros_like(ids)
    labels = torch.full_like(ids, -100)
    for row, (length, prompt) in enumerate(((24, 5), (19, 9), (15, 3))):
        mask[row, :length] = 1
        ids[row, length:] = PAD
        labels[row, prompt:length] = ids[row, prompt:length]
    labels[0, 12:15] = -100
    return {"input_ids": ids, "labels": labels, "attention_mask": mask}


def greedy(model, prompt, steps):
    """By whole passes, without a cache: the tokens, and how far the best logit lies above the second."""
    tokens, margins = list(prompt), []
    with torch.no_grad():
        for _ in range(steps):
            best = model(input_ids=torch.tensor([tokens])).logits[0, -1].topk(2)
            margins.append(float(best.values[0] - best.values[1]))
            tokens.append(int(best.indices[0]))
    return tokens[len(prompt) :], margins


def generations(model, count=2, steps=24, least_margin=2e-3):
    """Prompts whose answers end nowhere and hang on no close decision."""
    found, seed = [], 50
    while len(found) < count:
        prompt = torch.randint(3, BASE["vocab_size"], (8,), generator=generator(seed)).tolist()
        seed += 1
        tokens, margins = greedy(model, prompt, steps)
        if min(margins) >= least_margin and EOS not in tokens:
            found.append({"prompt": prompt, "tokens": tokens, "margins": margins, "min_margin": min(margins)})
    return found


def older_wording(config):
    """rope_theta and rope_scaling apart, torch_dtype, and the keys that the classes of version 4 had at the top."""
    older = dict(config)
    rope = dict(older.pop("rope_parameters"))
    older["rope_theta"] = rope.pop("rope_theta")
    if "partial_rotary_factor" in rope:
        older["partial_rotary_factor"] = rope.pop("partial_rotary_factor")
    kind = rope.pop("rope_type")
    rope.pop("original_max_position_embeddings", None)
    older["rope_scaling"] = None if kind == "default" else {"type": kind, **rope}
    older["torch_dtype"] = older.pop("dtype")
    older["transformers_version"] = "4.51.0"
    return dict(sorted(older.items()))


def write_json(value, *path):
    with open(os.path.join(*path), "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)
        file.write("\n")


def norm(tensors):
    return math.sqrt(sum(float(tensor.double().pow(2).sum()) for tensor in tensors))


def make(name, out):
    model = build(name)
    directory = os.path.join(out, name)
    model.save_pretrained(directory)
    os.remove(os.path.join(directory, "generation_config.json"))
    with open(os.path.join(directory, "config.json"), encoding="utf-8") as file:
        older = older_wording(json.load(file))
    write_json(older, directory, "config_v4.json")

    given = batch()
    before_norm = {}
    hook = model.model.norm.register_forward_pre_hook(lambda module, inputs: before_norm.update(x=inputs[0]))
    result = model(**given, output_hidden_states=True)
    hook.remove()
    result.loss.backward()
    loss = float(result.loss.detach())
    gradients = {parameter: tensor.grad.clone() for parameter, tensor in model.named_parameters()}
    tensors = {
        **given,
        "logits": result.logits,
        "hidden.pre_norm": before_norm["x"],
        "hidden.last": result.hidden_states[-1],
        "inv_freq": model.model.rotary_emb.inv_freq,
    }
    tensors.update({f"hidden.in.{i}": x for i, x in enumerate(result.hidden_states[:-1])})
    tensors.update({f"grad.{parameter}": gradient for parameter, gradient in gradients.items()})
    save_file({k: v.detach().clone().contiguous() for k, v in tensors.items()}, os.path.join(directory, "golden.safetensors"))
    adapter = adapt(model, given, directory) if name == ADAPTED else {}
    write_json(
        {
            **adapter,
            "loss": loss,
            "valid_targets": int((given["labels"][:, 1:] != -100).sum()),
            "grad_norm": norm(gradients.values()),
            "grad_norm_per_parameter": {parameter: norm([gradient]) for parameter, gradient in gradients.items()},
            "generation": generations(model),
        },
        directory,
        "golden.json",
    )
    check(name, directory, older, given, result.logits)
    print(f"{name:15s} loss {loss:.6f}, gradient norm {norm(gradients.values()):.5f}")


def adapt(model, given, directory):
    """The loss with an adapter of every linear layer, which is taken off again."""
    settings = peft.LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
    adapted = peft.get_peft_model(model, settings)
    adapted.peft_config["default"].base_model_name_or_path = ADAPTED
    source = generator(3000)
    parts = {name: tensor for name, tensor in sorted(adapted.named_parameters()) if "lora_" in name}
    with torch.no_grad():
        for tensor in parts.values():
            tensor.copy_(0.1 * torch.randn(tensor.shape, generator=source))
    adapted.save_pretrained(os.path.join(directory, "adapter"))
    os.remove(os.path.join(directory, "adapter", "README.md"))
    loss = adapted.eval()(**given).loss
    loss.backward()
    gradients = {f"grad.{name.replace('.default', '')}": tensor.grad for name, tensor in parts.items()}
    save_file(gradients, os.path.join(directory, "adapter.safetensors"))
    adapted.unload()
    return {"adapter_loss": float(loss.detach())}


def check(name, directory, older, given, logits):
    """Both wordings load, and compute the same to the bit."""
    with tempfile.TemporaryDirectory() as other:
        save_file(load_file(os.path.join(directory, "model.safetensors")), os.path.join(other, "model.safetensors"), {"format": "pt"})
        write_json(older, other, "config.json")
        for source in (directory, other):
            model = AutoModelForCausalLM.from_pretrained(source, dtype=torch.float32, attn_implementation="eager").eval()
            with torch.no_grad():
                if not torch.equal(model(**given).logits, logits):
                    sys.exit(f"cria: {name} computes something else when it is loaded from {source}: compare its two configurations")


def main():
    out, names = sys.argv[1], sys.argv[2:] or list(MODELS)
    unknown = [name for name in names if name not in MODELS]
    if unknown:
        print(f"cria: unknown model {unknown[0]}: choose among {', '.join(MODELS)}", file=sys.stderr)
        sys.exit(2)
    for name in names:
        make(name, out)
    versions = {package.__name__: package.__version__ for package in (torch, transformers, peft, safetensors)}
    write_json(versions, out, "versions.json")


main()
