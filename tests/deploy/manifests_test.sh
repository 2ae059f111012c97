#!/usr/bin/env bash
# The manifests are what a cluster takes, as they stand and as kustomize renders them; each broken one is refused with
# its place; and the configurations in them are what godwit takes.
# shellcheck source-path=SCRIPTDIR source=ground.sh
. "$(dirname "${BASH_SOURCE[0]}")/ground.sh"
godwit=$3
check=$source_tree/tests/deploy/manifests/check.mjs

need node
[ -d "$source_tree/tests/deploy/manifests/node_modules" ] ||
  skip "the schema is missing; \`npm ci --prefix tests/deploy/manifests\` gets it"

# refuses FILE SED PLACE PHRASE: with this change to this file, the check fails and names file, line, place and reason.
refuses() {
  local file=$1 change=$2 place=$3 phrase=$4
  rm -rf broken
  cp -r "$source_tree/deploy/kubernetes" broken
  sed -i "$change" "broken/$file"
  cmp -s "broken/$file" "$source_tree/deploy/kubernetes/$file" && fail "nothing was broken by: $change"
  ! node "$check" broken >out.log 2>&1 || fail "$file passes with: $change"
  local line
  line=$(sed -nE "s|^broken/$file:([0-9]+): $place: .*$phrase.*|\1|p" out.log | head -n 1)
  [ -n "$line" ] || { cat out.log >&2; fail "not said: $file: $place: $phrase"; }
  [[ ${place##*.} =~ ^([0-9]+|document)$ ]] || sed -n "${line}p" "broken/$file" | grep -q "${place##*.}" ||
    fail "line $line of $file is not the place of $place"
}

node "$check" "$source_tree/deploy/kubernetes" || fail "the manifests are not valid"

container='spec.template.spec.containers.0'
refuses server/stateful_set.yml 's/  replicas: 1/  replica: 1/' 'spec.replica' 'unknown field'
refuses server/stateful_set.yml 's/mountPath: .var/mountpath: \/var/' "$container.volumeMounts.2.mountpath" 'unknown field'
refuses edge/stateful_set.yml 's/replicas: 3/replicas: three/' 'spec.replicas' 'must be integer'
refuses edge/stateful_set.yml 's/drop: \[ALL\]/drop: ALL/' "$container.securityContext.capabilities.drop" 'must be array'
refuses edge/stateful_set.yml '/serviceName/s/serviceName/# serviceName/; /^  selector:/,/matchLabels/d' 'spec' 'property selector'
refuses server/service.yml 's/      port: 7443/      # none/' 'spec.ports.0' 'property port'
refuses edge/disruption_budget.yml 's|policy/v1|policy/v1beta1|' 'apiVersion' 'not a stable version'
refuses edge/network_policy.yml 's/kind: NetworkPolicy/kind: NetworkPolice/' 'kind' 'no kind NetworkPolice'
refuses edge/network_policy.yml 's/protocol: UDP/protocol: UPD/' 'spec.egress.1.ports.0.protocol' 'must be'
refuses server/stateful_set.yml 's/memory: 512Mi/memory: 512 MiB/' "$container.resources.limits.memory" 'must match'
refuses server/stateful_set.yml 's/^  replicas: 1/&\n  replicas: 2/' 'document' 'unique'
refuses edge/service.yml 's/component: edge/component: edges/' 'spec.selector' 'selects no pod'
refuses server/service.yml 's/targetPort: tls/targetPort: tsl/' 'spec.ports.0.targetPort' 'called tsl'
refuses server/stateful_set.yml 's/name: godwit-server$/name: godwit-servers/' 'spec.template.spec.volumes.0.configMap.name' 'no ConfigMap'
refuses edge/stateful_set.yml 's/serviceName: godwit-edge/serviceName: godwit/' 'spec.serviceName' 'no Service'
refuses edge/stateful_set.yml '/^        - name: state/,+1d' "$container.volumeMounts.5" 'no volume state'
refuses edge/stateful_set.yml 's/defaultMode: 288/defaultMode: 0444/' 'spec.template.spec.volumes.1' 'everyone can read'
refuses edge/stateful_set.yml 's/runAsNonRoot: true/runAsNonRoot: false/' 'spec.template.spec.securityContext' 'root'
refuses edge/stateful_set.yml '/readOnlyRootFilesystem/d' "$container" 'write'
refuses kustomization.yml 's/- edge/- edges/' 'resources.2' 'there is no'

for file in server/server.yml edge/edge.yml; do
  "$godwit" config check --no-files "$source_tree/deploy/kubernetes/$file" || fail "$file is not valid"
done

if ! command -v kubectl >/dev/null; then
  echo "there is no kubectl here, so the manifests were checked as they stand, not as rendered"
elif kubectl kustomize "$source_tree/deploy/kubernetes" >rendered.yml 2>render.log; then
  node "$check" - <rendered.yml || fail "what kustomize renders is not valid"
elif grep -q 'must be a file' render.log; then
  echo "this kubectl is older than 1.21 and renders no folder, so the manifests were checked as they stand"
else
  cat render.log >&2
  fail "kustomize does not render them"
fi
echo "passed"
