// Does an object fit the schema of its kind? Types, required fields, choices and formats are checked by the validators of
// kubernetes-models, which are made from Kubernetes' own API description. They pass over fields that they do not know,
// so an object is handed to them behind a proxy that notes what they look at: what nobody looked at does not exist.

// `value`, with every key that is read from it or from anything in it put into `seen`.
function watched(value, seen) {
  if (value === null || typeof value !== "object") return value;
  if (!seen.has(value)) seen.set(value, new Set());
  return new Proxy(value, {
    get(target, key) {
      seen.get(target).add(key);
      return watched(target[key], seen);
    },
  });
}

// The paths of what nobody has read; not below a value that is wrong itself, which nobody looked into.
function* unseen(value, seen, wrong, path = []) {
  if (value === null || typeof value !== "object" || wrong.has(path.join("/"))) return;
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    if (!Array.isArray(value) && !seen.get(value)?.has(key)) yield at;
    else yield* unseen(inner, seen, wrong, at);
  }
}

// The steps of a JSON pointer.
const path_of = pointer => pointer.split("/").slice(1)
  .map(step => (/^\d+$/.test(step) ? Number(step) : step.replaceAll("~1", "/")));

async function model_of({ apiVersion, kind }) {
  try {
    return (await import(`kubernetes-models/${apiVersion}/${kind}`))[kind];
  } catch {
    return undefined;
  }
}

// All problems of one object: [{path, what}].
export async function problems_by_schema(object) {
  if (typeof object?.apiVersion !== "string" || typeof object?.kind !== "string")
    return [{ path: [], what: "apiVersion and kind are needed" }];
  if (/v\d+(alpha|beta)/.test(object.apiVersion))
    return [{ path: ["apiVersion"], what: "not a stable version: a later cluster does not have it" }];
  const model = await model_of(object);
  if (!model) return [{ path: ["kind"], what: `${object.apiVersion} has no kind ${object.kind}` }];
  const seen = new Map();
  const problems = [];
  try {
    model.prototype.validate.call(watched(object, seen));
  } catch (thrown) {
    if (!thrown.errors) throw thrown;
    for (const { instancePath, message, params } of thrown.errors)
      problems.push({
        path: path_of(instancePath),
        what: message + (params?.allowedValues ? `: ${params.allowedValues.join(", ")}` : ""),
      });
  }
  const wrong = new Set(problems.filter(({ what }) => what.includes("must be")).map(({ path }) => path.join("/")));
  for (const path of unseen(object, seen, wrong)) problems.push({ path, what: "unknown field" });
  return problems;
}
