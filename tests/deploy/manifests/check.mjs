// Would a cluster take these manifests? `node check.mjs FOLDER|-...`: a folder with a kustomization.yml, or what was
// rendered of one. Each problem is one line, FILE:LINE: PLACE: what; the exit status is 1 if there is any.
import { existsSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { LineCounter, isAlias, isMap, isSeq, parseAllDocuments } from "yaml";
import { problems_by_schema } from "./schema.mjs";
import { problems_among } from "./references.mjs";

const kustomization_fields = {
  apiVersion: null, kind: null, namespace: null, resources: null,
  configMapGenerator: { name: null, files: null },
};
let problem_count = 0;

// The line where the last part of `path` that is written down stands.
function line_of(document, lines, path) {
  let node = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node) ? node.items.find(item => String(item.key) === String(step)) : undefined;
    const next = pair ? pair.value : isSeq(node) ? node.items[step] : undefined;
    if (!pair && !next) break;
    offset = (pair?.key ?? next).range[0];
    node = next;
  }
  return lines.linePos(offset).line;
}

// The documents of one file, read as a cluster reads YAML (version 1.1); each can say what is wrong with it.
function documents_of(file) {
  const lines = new LineCounter();
  const text = readFileSync(file === "-" ? 0 : file, "utf8");
  const name = file === "-" ? "rendered" : file;
  return parseAllDocuments(text, { lineCounter: lines, version: "1.1" }).map(document => {
    const complain = (path, what) => {
      problem_count += 1;
      console.error(`${name}:${line_of(document, lines, path)}: ${path.join(".") || "document"}: ${what}`);
    };
    for (const error of document.errors) {
      problem_count += 1;
      console.error(`${name}:${error.linePos?.[0].line ?? 1}: document: ${error.message.split("\n")[0]}`);
    }
    return { object: document.errors.length ? null : document.toJS(), complain };
  }).filter(document => document.object !== null);
}

function check_fields(value, known, path, complain) {
  if (Array.isArray(value)) value.forEach((item, index) => check_fields(item, known, [...path, index], complain));
  else
    for (const [key, inner] of Object.entries(value))
      if (!(key in known)) complain([...path, key], "a field that this check does not know");
      else if (known[key]) check_fields(inner, known[key], [...path, key], complain);
}

// Everything that a kustomization lists, and the names of the ConfigMaps that it generates.
function collect(folder) {
  const found = { documents: [], generated: new Set() };
  const [kustomization] = documents_of(join(folder, "kustomization.yml"));
  if (!kustomization) return found;
  const { object, complain } = kustomization;
  check_fields(object, kustomization_fields, [], complain);
  (object.resources ?? []).forEach((resource, index) => {
    const path = normalize(join(folder, resource));
    if (!existsSync(path)) complain(["resources", index], `there is no ${path}`);
    else if (resource.endsWith(".yml")) found.documents.push(...documents_of(path));
    else {
      const inner = collect(path);
      found.documents.push(...inner.documents);
      inner.generated.forEach(name => found.generated.add(name));
    }
  });
  (object.configMapGenerator ?? []).forEach((map, index) => {
    found.generated.add(map.name);
    for (const file of map.files ?? [])
      if (!existsSync(join(folder, file))) complain(["configMapGenerator", index, "files"], `there is no ${file}`);
  });
  return found;
}

let object_count = 0;
for (const source of process.argv.slice(2)) {
  const { documents, generated } =
    source === "-" ? { documents: documents_of("-"), generated: new Set() } : collect(source);
  for (const { object, complain } of documents)
    for (const { path, what } of await problems_by_schema(object)) complain(path, what);
  if (problem_count === 0) // what is between objects can be told only of sound ones
    for (const { index, path, what } of problems_among(documents.map(one => one.object), generated))
      documents[index].complain(path, what);
  object_count += documents.length;
}
console.log(`${object_count} objects, ${problem_count} problems`);
process.exit(problem_count === 0 && object_count > 0 ? 0 : 1);
