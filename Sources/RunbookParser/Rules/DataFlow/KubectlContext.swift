import Diagnostics

extension RuleDescription {
  static let kubectlContext = RuleDescription(
    .kubectlContext, .warning, "`kubectl`, a pod or a service does not name its context",
    explanation: #"""
      Without `--context` the command goes to the cluster that somebody chose last in another window. Name the
      context, best from an input or a constant that depends on the environment. `kubectl config`, `kustomize`,
      `version --client` and the like ask no cluster.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: look
            effect: observe
            exec: [«kubectl», get, pods, -n, web]

        """#),
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: look
            effect: observe
            run: «kubectl» get pods -n web | grep Running

        """#),
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        tunnels:
          api: {«service»: api, namespace: web, port: 80}
        steps:
          - id: look
            effect: observe
            on: {«pod»: deployment/api, namespace: web}
            exec: [df]

        """#),
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs: {context: {type: string, default: staging}}
        steps:
          - id: look
            effect: observe
            exec: [kubectl, --context, "${{ inputs.context }}", get, pods, -n, web]
          - id: client
            effect: observe
            exec: [kubectl, version, --client]

        """#)
    ])
}
