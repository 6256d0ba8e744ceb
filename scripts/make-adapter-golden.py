"""The adapters of the tests, by PEFT: scripts/make-adapter-golden calls it with the directory to write.

Written are two tiny models (tied/, untied/), an adapter's directory for each case below, and logits.safetensors:
input_ids, and for each case the logits (B,T,V) of its model with the adapter loaded from that directory.
"""

import json
import pathlib
import shutil
import sys
import tempfile
import warnings

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

warnings.filterwarnings("ignore")
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
torch.set_num_threads(1)
VOCABULARY = 40
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

# case: (model, the adapter's settings); rank and alpha are 4 and 6 where nothing else is said
CASES = {
    "rslora": ("tied", {"use_rslora": True, "target_modules": ALL}),
    "patterns": (
        "tied",
        {
            "target_modules": ALL,
            "rank_pattern": {
                "k_proj": 2,
                "layers.1.mlp.down_proj": 6,
                r"^model.layers.0.self_attn.(q|v)_proj": 3,
                r"model\.layers\.\d+\.mlp\.up_proj": 1,
            },
            "alpha_pattern": {"q_proj": 1, "proj_that_is_none": 9, r"layers\.0\..*down_proj": 2.5},
        },
    ),
    "patterns_rslora": (
        "untied",
        {"target_modules": ["q_proj", "gate_proj"], "use_rslora": True, "rank_pattern": {"gate_proj": 2}, "alpha_pattern": {"q_proj": 3}},
    ),
    "regex": ("untied", {"target_modules": r".*\.layers\.(?:\d*[13579])\..*(?:q|down)_proj"}),
    "some_layers": (
        "tied",
        {"target_modules": ["v_proj", "o_proj", "up_proj"], "layers_to_transform": [1], "layers_pattern": "layers", "exclude_modules": ["self_attn.o_proj"]},
    ),
    "one_layer": (
        "tied",
        {"target_modules": ALL, "layers_to_transform": 0, "exclude_modules": r".*\.(?:k|gate)_proj", "init_lora_weights": "gaussian"},
    ),
    "fan_in_fan_out": ("untied", {"target_modules": ["q_proj", "down_proj"], "fan_in_fan_out": True}),
    "saved": ("untied", {"target_modules": ["q_proj"], "modules_to_save": ["embed_tokens", "lm_head", "norm", "layers.0.mlp.up_proj"]}),
    "saved_both_of_tied": ("tied", {"target_modules": ["v_proj"], "modules_to_save": ["embed_tokens", "lm_head"]}),
    "saved_embedding_of_tied": ("tied", {"target_modules": ["v_proj"], "modules_to_save": ["embed_tokens"]}),
    "saved_head_of_tied": ("tied", {"target_modules": ["v_proj"], "modules_to_save": ["lm_head"]}),
    "saved_and_kept_tied": ("tied", {"target_modules": ["v_proj"], "modules_to_save": ["embed_tokens"], "ensure_weight_tying": True}),
    "embedding_and_head": ("untied", {"target_modules": ["embed_tokens", "lm_head", "k_proj"], "use_rslora": True}),
    "embedding_and_head_of_tied": ("tied", {"target_modules": ["embed_tokens", "lm_head"], "rank_pattern": {"lm_head": 2}}),
    "embedding_of_tied": ("tied", {"target_modules": ["embed_tokens"]}),
    "head_of_tied": ("tied", {"target_modules": ["lm_head", "o_proj"]}),
    "embedding_kept_tied": ("tied", {"target_modules": ["embed_tokens", "q_proj"], "ensure_weight_tying": True}),
    "pissa_as_lora": ("tied", {"target_modules": ["q_proj", "down_proj"], "init_lora_weights": "pissa", "lora_alpha": 4}),
    "more_tokens": ("tied", {"target_modules": ["q_proj"]}),
    "more_tokens_untied": ("untied", {"target_modules": ["q_proj"]}),
    "more_tokens_saved": ("tied", {"target_modules": ["q_proj"], "modules_to_save": ["embed_tokens", "lm_head"]}),
    "more_tokens_saved_embedding": ("tied", {"target_modules": ["q_proj"], "modules_to_save": ["embed_tokens"]}),
    # refused; these have no logits. Of this one PEFT saves the head's rows and not the embedding's
    "more_tokens_of_head": ("untied", {"target_modules": ["q_proj", "lm_head"]}),
    "pissa": ("tied", {"target_modules": ["q_proj"], "init_lora_weights": "pissa"}),
    "dora": ("tied", {"target_modules": ["q_proj"], "use_dora": True}),
    "biases": ("tied", {"target_modules": ["q_proj"], "bias": "lora_only"}),
    "tokens": ("tied", {"target_modules": ["q_proj"], "trainable_token_indices": [3, 7]}),
}
REFUSED = {"more_tokens_of_head", "pissa", "dora", "biases", "tokens"}
# these were trained with one token more than the model has
ENLARGED = {"more_tokens", "more_tokens_untied", "more_tokens_saved", "more_tokens_saved_embedding", "more_tokens_of_head"}


def model_at(path):
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()


def make_model(out, tied):
    torch.manual_seed(1 if tied else 2)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=24,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=3,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=64,
        initializer_range=0.3,
        tie_word_embeddings=tied,
        bos_token_id=1,
        eos_token_id=2,
    )
    # whole numbers of bfloat16, so that the file may be half as large
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(out)
    (out / "generation_config.json").unlink(missing_ok=True)


def trained(model):
    """As if it had been trained: every trained value is moved."""
    generator = torch.Generator().manual_seed(7)
    seen = set()
    for _, parameter in sorted(model.named_parameters()):
        if parameter.requires_grad and parameter.data_ptr() not in seen:
            seen.add(parameter.data_ptr())
            parameter.data += 0.2 * torch.randn(parameter.shape, generator=generator)
    return model


def base_for(case, path):
    model = model_at(path)
    if case in ENLARGED:
        model.resize_token_embeddings(VOCABULARY + 1, mean_resizing=False)
    return model


def make_adapter(case, base, directory, settings):
    torch.manual_seed(3)
    config = LoraConfig(**{"r": 4, "lora_alpha": 6, "task_type": "CAUSAL_LM", **settings})
    model = get_peft_model(base_for(case, base), config)
    with tempfile.TemporaryDirectory() as initial:
        converted = {}
        if case == "pissa_as_lora":
            model.peft_config["default"].init_lora_weights = True
            model.save_pretrained(initial)
            model.peft_config["default"].init_lora_weights = "pissa"
            converted = {"path_initial_model_for_weight_conversion": initial}
        trained(model).save_pretrained(directory, **converted)
    (directory / "README.md").unlink(missing_ok=True)
    weights = directory / "adapter_model.safetensors"
    # written anew without alignment gaps and in the order of names
    save_file(dict(sorted(load_file(weights).items())), weights, metadata={"format": "pt"})
    file = directory / "adapter_config.json"
    written = json.loads(file.read_text())
    written["base_model_name_or_path"] = base.name
    for key in ("target_modules", "modules_to_save"):
        if isinstance(written[key], list):
            written[key] = sorted(written[key])
    file.write_text(json.dumps(written, indent=1) + "\n")


def main(out):
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)
    for name in ("tied", "untied"):
        make_model(out / name, name == "tied")
    ids = torch.randint(0, VOCABULARY, (2, 9), generator=torch.Generator().manual_seed(5))
    results = {"input_ids": ids}
    for case, (name, settings) in CASES.items():
        directory = out / case
        make_adapter(case, out / name, directory, settings)
        with torch.no_grad():
            plain = model_at(out / name)(ids).logits
            results[f"{name}.logits"] = plain
            if case not in REFUSED:
                logits = PeftModel.from_pretrained(base_for(case, out / name), directory).eval()(ids).logits
                if (logits[..., :VOCABULARY] - plain).abs().max() < 0.05:
                    sys.exit(f"cria: the adapter {case} changes hardly anything, {directory}: widen what is trained")
                results[f"{case}.logits"] = logits
        print(f"{case}: {sum(file.stat().st_size for file in directory.iterdir())} bytes")
    save_file(results, out / "logits.safetensors")
    versions = {"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__}
    (out / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")
    print(f"{out}: {sum(file.stat().st_size for file in out.rglob('*') if file.is_file())} bytes in all")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
