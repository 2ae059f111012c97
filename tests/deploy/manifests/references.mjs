// Do the objects fit each other, and is every container locked down? What the schema of a single object cannot tell.

const is_part_of = (selector, labels) =>
  Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value);
const is_workload = object => object?.spec?.template?.spec?.containers !== undefined;
const labels_of = workload => workload.spec.template.metadata?.labels;
const pod_of = workload => workload.spec.template.spec;

// What each kind calls its choice of pods.
const selectors = {
  Service: spec => [["spec", "selector"], spec.selector],
  PodDisruptionBudget: spec => [["spec", "selector"], spec.selector?.matchLabels],
  NetworkPolicy: spec => [["spec", "podSelector"], spec.podSelector?.matchLabels],
  StatefulSet: spec => [["spec", "selector"], spec.selector?.matchLabels],
  Deployment: spec => [["spec", "selector"], spec.selector?.matchLabels],
};

const has_port = (workload, name) =>
  pod_of(workload).containers.some(container => (container.ports ?? []).some(port => port.name === name));

// The named ports that an object speaks of, and whose ports they are: [path, name, selector of the pods].
function* named_ports({ kind, spec }) {
  if (kind === "Service")
    for (const [index, port] of (spec.ports ?? []).entries())
      yield [["spec", "ports", index, "targetPort"], port.targetPort, spec.selector];
  if (kind === "NetworkPolicy")
    for (const [side, peers] of [["ingress", "from"], ["egress", "to"]])
      for (const [rule_index, rule] of (spec[side] ?? []).entries())
        for (const [index, { port }] of (rule.ports ?? []).entries()) {
          const where = ["spec", side, rule_index, "ports", index, "port"];
          if (side === "ingress") yield [where, port, spec.podSelector?.matchLabels];
          else for (const peer of rule[peers] ?? []) yield [where, port, peer.podSelector?.matchLabels];
        }
}

// What is wrong between one object and the others.
function* loose_ends(object, objects, workloads) {
  const { kind, spec } = object;
  const [path, chosen] = selectors[kind]?.(spec) ?? [];
  const candidates = is_workload(object) ? [object] : workloads;
  if (path && !candidates.some(one => is_part_of(chosen, labels_of(one)))) yield { path, what: "selects no pod" };
  for (const [at, name, pods] of named_ports(object))
    if (typeof name === "string" &&
        !workloads.some(one => is_part_of(pods, labels_of(one)) && has_port(one, name)))
      yield { path: at, what: `no selected pod has a port called ${name}` };
  if (kind === "StatefulSet" && !objects.some(one => one.kind === "Service" && one.metadata?.name === spec.serviceName))
    yield { path: ["spec", "serviceName"], what: `there is no Service ${spec.serviceName}` };
}

function* loose_volumes(workload, config_maps) {
  const top = ["spec", "template", "spec"];
  const volumes = pod_of(workload).volumes ?? [];
  const names = new Set([...volumes, ...(workload.spec.volumeClaimTemplates ?? []).map(claim => claim.metadata)]
    .map(one => one?.name));
  for (const [index, { configMap }] of volumes.entries())
    if (configMap && !config_maps.has(configMap.name))
      yield { path: [...top, "volumes", index, "configMap", "name"], what: `there is no ConfigMap ${configMap.name}` };
  for (const [at, container] of pod_of(workload).containers.entries())
    for (const [index, mount] of (container.volumeMounts ?? []).entries())
      if (!names.has(mount.name))
        yield { path: [...top, "containers", at, "volumeMounts", index], what: `there is no volume ${mount.name}` };
}

// What a container may do that ours has no need of.
function* open_doors(workload) {
  const top = ["spec", "template", "spec"];
  const pod = pod_of(workload);
  const door = (path, what) => ({ path: [...top, ...path], what });
  if (pod.automountServiceAccountToken !== false) yield door([], "gets a token for the cluster");
  if (pod.securityContext?.runAsNonRoot !== true) yield door(["securityContext"], "may run as root");
  if (pod.securityContext?.seccompProfile?.type !== "RuntimeDefault")
    yield door(["securityContext"], "may make every system call");
  for (const [index, { securityContext: own, resources }] of pod.containers.entries()) {
    const path = ["containers", index];
    if (own?.readOnlyRootFilesystem !== true) yield door(path, "may write to its root");
    if (own?.allowPrivilegeEscalation !== false) yield door(path, "may gain privileges");
    if (!own?.capabilities?.drop?.includes("ALL")) yield door(path, "keeps capabilities");
    if (!resources?.limits?.memory) yield door(path, "may take all memory");
  }
  for (const [index, { secret }] of (pod.volumes ?? []).entries())
    if (secret && (secret.defaultMode ?? 0o644) & 0o007) yield door(["volumes", index], "keys that everyone can read");
}

// All problems between these objects: [{index of the object, path, what}]. `generated`: ConfigMaps that will be made.
export function problems_among(objects, generated) {
  const workloads = objects.filter(is_workload);
  const config_maps = new Set(generated);
  for (const object of objects) if (object?.kind === "ConfigMap") config_maps.add(object.metadata?.name);
  return objects.flatMap((object, index) => [
    ...(object?.spec ? loose_ends(object, objects, workloads) : []),
    ...(is_workload(object) ? [...loose_volumes(object, config_maps), ...open_doors(object)] : []),
  ].map(problem => ({ index, ...problem })));
}
