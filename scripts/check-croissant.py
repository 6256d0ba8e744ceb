"""The part of scripts/check-croissant that mlcroissant does."""

import json
import logging
import pathlib
import sys

import mlcroissant


def rows(dataset):
    """Records by file, as the dataset's manifest counts them."""
    manifest = json.loads((dataset / "_manifest.json").read_text(encoding="utf-8"))
    return {file["name"].split("/", 1)[1]: file["rows"] for file in manifest["files"]}


def check(dataset):
    """Faults of one dataset, each a line."""
    try:
        loaded = mlcroissant.Dataset(jsonld=dataset / "croissant.json")
    except mlcroissant.ValidationError as error:
        return [f"{dataset}/croissant.json: {line.strip(' -')}" for line in str(error).splitlines()]
    faults = []
    wanted = {name: count for name, count in rows(dataset).items() if count >= 0}
    found = {}
    for record_set in loaded.metadata.record_sets:
        records = 0
        first = None
        try:
            for record in loaded.records(record_set.id):
                records += 1
                first = first or record
        except Exception as error:  # whatever a loader makes of a file that is not as it is told
            faults.append(f"{dataset}, {record_set.id}: {error}")
        name = record_set.fields[0].source.file_object
        found[name] = records
        print(f"{records:8} records, {len(first or {})} fields  {dataset}/{name}")
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            faults.append(f"{dataset}/{name}: {wanted.get(name)} records, and {found.get(name)} were loaded")
    return faults


def main():
    logging.disable(logging.WARNING)
    faults = [fault for name in sys.argv[1:] for fault in check(pathlib.Path(name))]
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


main()
