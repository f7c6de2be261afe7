import BelayTestSupport
import Glibc
import Testing

/// `belay validate --fix`.
@Suite struct FixTests {
  private static func fix(_ paths: [String], in world: TemporaryDirectory, input: String = "/dev/null") -> CommandResult
  {
    BelayBinary.run(["validate", "--fix"] + paths, store: world.path("store"), directory: world.path, input: input)
  }

  private static let broken =
    "belay: 1\nname: example\nversoin: 1.0.0\nsteps:\n  - {id: a, efect: observe, exec: [id]}\n"
  private static let mended =
    "belay: 1\nname: example\nversion: 1.0.0\nsteps:\n  - {id: a, effect: observe, exec: [id]}\n"

  @Test("What is fixed is said, and what is left is reported") func fixes() {
    let world = TemporaryDirectory()
    world.write("a.yaml", Self.broken)
    world.write("b.yaml", Self.broken + "timeout: soon\n")
    let result = Self.fix(["a.yaml", "b.yaml"], in: world)
    #expect(world.read("a.yaml") == Self.mended)
    #expect(world.read("b.yaml") == Self.mended + "timeout: soon\n")
    #expect(
      result.output == """
        fixed a.yaml:3:1: BLY0101, write `version`
        fixed a.yaml:5:13: BLY0101, write `effect`
        fixed b.yaml:3:1: BLY0101, write `version`
        fixed b.yaml:5:13: BLY0101, write `effect`

        """)
    #expect(result.errors.hasPrefix("error[BLY0105]: `timeout` is a duration"))
    #expect(result.status == 2)
  }

  @Test("A fix that another one uncovers is applied too") func severalRounds() {
    let world = TemporaryDirectory()
    world.write(
      "a.yaml", "title: Deploy: now\nname: example\nversion: 1.0.0\nstesp:\n  - {id: a, effect: observe, exec: [id]}\n")
    let result = Self.fix(["a.yaml"], in: world)
    #expect(
      world.read("a.yaml")
        == "belay: 1\ntitle: 'Deploy: now'\nname: example\nversion: 1.0.0\nsteps:\n  - {id: a, effect: observe, exec: [id]}\n"
    )
    #expect(result.status == 0)
    #expect(result.output.hasSuffix("a.yaml is valid\n"))
  }

  @Test("What no fix could mend is left as it is, in a flow mapping above all")
  func leavesFlow() {
    for step in [
      "{id: a, assert: [1,2].size() == 2}", "{id: a, effect: observe, run: echo #1}", "{id: a, exec: [echo, \"a\" b]}",
    ] {
      let world = TemporaryDirectory()
      let text = "belay: 1\nname: example\nversion: 1.0.0\nsteps:\n  - \(step)\n"
      world.write("a.yaml", text)
      #expect(Self.fix(["a.yaml"], in: world).status == 2)
      #expect(world.read("a.yaml") == text)
    }
  }

  @Test(
    "Every expression of a script goes through `env`, in the quotes that it needs; never where a shell would not see it"
  )
  func scripts() {
    let world = TemporaryDirectory()
    let head = "belay: 1\nname: example\nversion: 1.0.0\ninputs: {x: {type: string}, y: {type: string}}\nsteps:\n"
    let step = "  - id: a\n    effect: observe\n"
    world.write("a.yaml", head + step + "    run: |\n      echo ${{ inputs.x }} \"v ${{ inputs.y }}\"\n")
    let fixed = Self.fix(["a.yaml"], in: world)
    #expect(fixed.status == 0, "\(fixed)")
    let text = world.read("a.yaml") ?? ""
    #expect(text.contains("echo \"${X}\" \"v ${Y}\""), "\(text)")
    #expect(text.contains("X: \"${{ inputs.x }}\"") && text.contains("Y: \"${{ inputs.y }}\""), "\(text)")
    for script in ["run: echo '${{ inputs.x }}'", "shell: python3\n    run: print(\"${{ inputs.x }}\")"] {
      let text = head + step + "    \(script)\n"
      world.write("b.yaml", text)
      #expect(Self.fix(["b.yaml"], in: world).status == 2)
      #expect(world.read("b.yaml") == text)
    }
    let flow = head + "  - {id: a, effect: observe, run: \"echo ${{ inputs.x }}\", titel: x}\n"
    world.write("c.yaml", flow)
    _ = Self.fix(["c.yaml"], in: world)
    #expect(world.read("c.yaml") == flow.replacing("titel", with: "title"), "the others are applied")
  }

  @Test("The mode and a link stay, and nothing else is left behind") func keepsModeAndLink() {
    let world = TemporaryDirectory()
    world.write("real/a.yaml", Self.broken, mode: 0o640)
    symlink("real/a.yaml", world.path("link.yaml"))
    #expect(Self.fix(["link.yaml"], in: world).status == 0)
    #expect(world.read("real/a.yaml") == Self.mended)
    var status = stat()
    lstat(world.path("link.yaml"), &status)
    #expect(status.st_mode & S_IFMT == S_IFLNK)
    stat(world.path("real/a.yaml"), &status)
    #expect(status.st_mode & 0o7777 == 0o640)
    #expect(CommandRunner.run(["ls", "-A", world.path("real")]).output == "a.yaml\n")
  }

  @Test("A file without mistakes is not written") func leavesGoodFiles() {
    let world = TemporaryDirectory()
    world.write("a.yaml", Self.mended)
    var before = stat()
    stat(world.path("a.yaml"), &before)
    #expect(Self.fix(["a.yaml", "a.yaml"], in: world).status == 0)
    var after = stat()
    stat(world.path("a.yaml"), &after)
    #expect(before.st_ino == after.st_ino && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec)
  }

  @Test("Standard input is written, fixed, to standard output") func standardInput() {
    let world = TemporaryDirectory()
    let input = world.write("a.yaml", Self.broken)
    let result = Self.fix(["-"], in: world, input: input)
    #expect(result.output == Self.mended)
    #expect(result.errors.hasPrefix("fixed <stdin>:3:1: BLY0101, write `version`\n"))
    #expect(result.status == 0)
    #expect(Self.fix(["-", "--format", "json"], in: world, input: input).status == 2)
    #expect(Self.fix(["-", "a.yaml"], in: world, input: input).status == 2)
    #expect(world.read("a.yaml") == Self.broken)
  }

  @Test("No fix of an example makes a file unreadable") func neverBreaks() {
    let world = TemporaryDirectory()
    #expect(CommandRunner.run(["cp", "-r", ReportFormatTests.mistakes, world.path("m")]).status == 0)
    let before = BelayBinary.run("validate", "m", store: world.path("store"), directory: world.path).errors
    let after = Self.fix(["m"], in: world).errors
    func unreadable(_ text: String) -> Int { text.components("error[BLY0001]") }
    #expect(unreadable(after) < unreadable(before))
    #expect(!after.contains("= fix:"), "a fix that was offered is left")
  }

  @Test("Of the author's own names none is put for another") func ownNames() {
    let world = TemporaryDirectory()
    let text = """
      belay: 1
      name: example
      version: 1.0.0
      inputs:
        host-a: {type: string, default: alpha}
        host-b: {type: strng, default: beta}
      steps:
        - {id: Stop-x, effect: observe, exec: [echo, "${{ inputs.host_b }}"]}
        - {id: stop-a, effect: observe, needs: [Stop-x], exec: [echo, "${{ inputs.host_c }}", "${{ steps.Stop_x.status }}"]}

      """
    world.write("a.yaml", text)
    let result = Self.fix(["a.yaml"], in: world)
    #expect(world.read("a.yaml") == text.replacing("strng", with: "string"))
    #expect(result.errors.ranges(of: "error[").count == 2, "\(result)")
    #expect(result.errors.contains("did you mean `host_a`?"))
    #expect(result.errors.contains("`Stop-x` cannot name a step"))
  }

  @Test("Below a directory other tools' files are left alone, whatever they hold") func foreignFiles() {
    let world = TemporaryDirectory()
    let files = [
      "all/k8s.yaml": "apiVersion: v1\nkind: ConfigMap\n", "all/compose.yaml": "services:\n  a: {image: b}\n",
      "all/helm.yaml": "{{- if .Values.x }}\na: b\n{{- end }}\n", "all/list.yaml": "- steps\n",
      "all/cloud.yaml": "steps: [{name: a}]\nimages: [b]\n", "all/other.yaml": "project: mine\n",
    ]
    for (name, text) in files { world.write(name, text) }
    world.write("all/a.yaml", "name: a\nversion: 1.0.0\nsteps:\n  - {id: a, effect: observe, exec: [id]}\n")
    let result = Self.fix(["all"], in: world)
    #expect(result.status == 0, "\(result)")
    #expect(result.output == "fixed all/a.yaml:1:1: BLY0100, add `belay: 1`\nall/a.yaml is valid\n")
    for (name, text) in files { #expect(world.read(name) == text, "\(name)") }
    #expect(BelayBinary.run(["fmt", "--check", "all"], store: world.path("store"), directory: world.path).status == 0)
    world.write("none/k8s.yaml", "apiVersion: v1\n")
    let none = Self.fix(["none"], in: world)
    #expect(none.status == 2)
    #expect(none.errors.contains("none: there is no file of the language below it"), "\(none)")
    let named = Self.fix(["all/k8s.yaml"], in: world)
    #expect(named.errors.contains("not with `apiVersion`"), "\(named)")
    #expect(world.read("all/k8s.yaml") == files["all/k8s.yaml"])
  }

  @Test("A mistake inside a list or a mapping on its line is not quoted as a whole")
  func flowValues() {
    for value in ["exec: [echo, ${{ inputs.x }}]", "outputs: {t: {type: string, value: result.lines[0]}}"] {
      let world = TemporaryDirectory()
      let text = "belay: 1\nname: example\nversion: 1.0.0\nsteps:\n  - id: a\n    \(value)\n"
      world.write("a.yaml", text)
      let result = Self.fix(["a.yaml"], in: world)
      #expect(world.read("a.yaml") == text)
      #expect(result.errors.contains("needs quotes"), "\(result)")
    }
  }
}

extension String {
  fileprivate func components(_ part: String) -> Int { ranges(of: part).count }
}
