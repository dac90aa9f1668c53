import { applyChangesToString, ChangeType, type Tree } from '@nx/devkit';
import ts from 'typescript';

/**
 * Edits a TypeScript file of the tree by its syntax. Every edit finds exactly one anchor or throws, and then
 * nothing at all is written. The formatter sorts imports and breaks lines afterwards.
 */
export class SourceEdit {
  private readonly tree: Tree;
  private readonly path: string;
  private readonly source: ts.SourceFile;
  private readonly insertions: { index: number; text: string }[] = [];

  constructor(tree: Tree, path: string) {
    this.tree = tree;
    this.path = path;
    const text = tree.read(path, 'utf8');
    if (text === null) throw new Error(`${path} does not exist.`);
    this.source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  }

  /** Whether the file exports, or declares at its top, something of this name. */
  declares(name: string): boolean {
    return this.all(ts.isVariableDeclaration).some((variable) => variable.name.getText() === name);
  }

  hasFunction(name: string): boolean {
    return this.all(ts.isFunctionDeclaration).some((declared) => declared.name?.text === name);
  }

  /** Names are written as in an import clause, `type Answer` for a type. */
  importNames(names: readonly string[], module: string): this {
    const imports = this.all(ts.isImportDeclaration);
    const clauses = imports.filter(({ moduleSpecifier }) => nameOf(moduleSpecifier) === module);
    const present = clauses.map(({ importClause }) => importClause?.namedBindings).filter(isNamedImports)[0];
    if (present === undefined) {
      const last = imports.at(-1);
      const line = `import { ${names.join(', ')} } from '${module}';\n`;
      return this.insert(last === undefined ? 0 : last.getEnd() + 1, line);
    }
    const known = present.elements.map((element) => element.name.text);
    const missing = names.filter((name) => !known.includes(name.replace(/^type /, '')));
    return this.append(present.elements, missing);
  }

  statement(text: string): this {
    return this.insert(this.source.getEnd(), text);
  }

  /** A statement behind the last one that fits, such as another export behind its neighbours. */
  statementAfterLast(fits: (statement: ts.Statement) => boolean, text: string): this {
    const last = this.source.statements.filter(fits).at(-1);
    if (last === undefined) throw this.missing('statement to stand behind');
    return this.insert(last.getEnd() + 1, text);
  }

  /** An element of `const <name> = […]`, in front of the element that fits or at the end. */
  elementOfVariable(name: string, element: string, inFrontOf?: (element: ts.Expression) => boolean): this {
    const variable = this.one(
      ts.isVariableDeclaration,
      (found) => found.name.getText() === name,
      `const ${name}`,
    );
    const [list, another] = descendants(variable).filter(ts.isArrayLiteralExpression).filter(isOutermost);
    if (list === undefined || another !== undefined) throw this.missing(`one list in const ${name}`);
    const follower = inFrontOf === undefined ? undefined : list.elements.find(inFrontOf);
    if (follower !== undefined) return this.insert(follower.getStart(), `${element},\n`);
    return this.appendTo(list, [element]);
  }

  /** An element of `<name>: […]` in an object. */
  elementOfProperty(name: string, element: string): this {
    const isIt = (found: ts.PropertyAssignment) =>
      found.name.getText() === name && ts.isArrayLiteralExpression(found.initializer);
    const { initializer } = this.one(ts.isPropertyAssignment, isIt, `list "${name}: […]"`);
    return this.appendTo(initializer as ts.ArrayLiteralExpression, [element]);
  }

  /** A parameter of the constructor and a method at the end of the file's one class. */
  member(parameter: string, method: string): this {
    const declared = this.one(ts.isClassDeclaration, () => true, 'class');
    const [declaredConstructor] = declared.members.filter(ts.isConstructorDeclaration);
    if (declaredConstructor === undefined) throw this.missing('constructor');
    this.append(declaredConstructor.parameters, [parameter]);
    return this.insert(declared.getEnd() - 1, `\n${method}`);
  }

  write(): void {
    const changes = this.insertions.map((insertion) => ({ type: ChangeType.Insert as const, ...insertion }));
    this.tree.write(this.path, applyChangesToString(this.source.text, changes));
  }

  private appendTo(list: ts.ArrayLiteralExpression, elements: readonly string[]): this {
    if (list.elements.length > 0) return this.append(list.elements, elements);
    return this.insert(list.getEnd() - 1, elements.join(', '));
  }

  private append(nodes: ts.NodeArray<ts.Node>, texts: readonly string[]): this {
    if (texts.length === 0) return this;
    const last = nodes.at(-1);
    if (last === undefined) return this.insert(nodes.pos, texts.join(', '));
    return this.insert(last.getEnd(), texts.map((text) => `, ${text}`).join(''));
  }

  private insert(index: number, text: string): this {
    this.insertions.push({ index, text });
    return this;
  }

  private all<Node extends ts.Node>(is: (node: ts.Node) => node is Node): Node[] {
    return descendants(this.source).filter(is);
  }

  private one<Node extends ts.Node>(
    is: (node: ts.Node) => node is Node,
    fits: (node: Node) => boolean,
    what: string,
  ): Node {
    const [found, another] = this.all(is).filter(fits);
    if (found === undefined || another !== undefined) throw this.missing(what);
    return found;
  }

  private missing(what: string): Error {
    return new Error(`${this.path} does not have exactly one ${what}: add it by hand (CONTRIBUTING.md).`);
  }
}

function descendants(node: ts.Node): ts.Node[] {
  const below: ts.Node[] = [];
  node.forEachChild((child) => {
    below.push(child, ...descendants(child));
  });
  return below;
}

function isOutermost(node: ts.Node, _index: number, nodes: readonly ts.Node[]): boolean {
  return !nodes.some((other) => other !== node && other.pos <= node.pos && node.end <= other.end);
}

function nameOf(module: ts.Expression): string {
  return ts.isStringLiteral(module) ? module.text : '';
}

function isNamedImports(bindings: ts.NamedImportBindings | undefined): bindings is ts.NamedImports {
  return bindings !== undefined && ts.isNamedImports(bindings);
}
