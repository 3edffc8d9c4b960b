package dev.hawser.lab;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes a class of Hawser's with a defect. */
final class Mutant {
  private Mutant() {}

  /** Puts the changed class into a folder for the front of a class path. */
  static void write(Mutation mutation, Path folder) throws IOException {
    String file = mutation.type().replace('.', '/') + ".class";
    byte[] original;
    try (InputStream in = Mutant.class.getResourceAsStream("/" + file)) {
      if (in == null) {
        throw new AssertionError("there is no class " + mutation.type());
      }
      original = in.readAllBytes();
    }
    var changed = new AtomicInteger();
    ClassTransform transform =
        (builder, element) -> {
          if (element instanceof MethodModel method
              && method.methodName().equalsString(mutation.method())
              && method.code().isPresent()) {
            changed.incrementAndGet();
            TypeKind kind = TypeKind.from(method.methodTypeSymbol().returnType());
            builder.withMethodBody(
                method.methodName(),
                method.methodType(),
                method.flags().flagsMask(),
                code -> returns(code, kind, mutation.returns()));
          } else {
            builder.with(element);
          }
        };
    ClassFile classFile = ClassFile.of();
    byte[] bytes = classFile.transformClass(classFile.parse(original), transform);
    if (changed.get() == 0) {
      throw new AssertionError(mutation.type() + " has no method " + mutation.method());
    }
    Path target = folder.resolve(file);
    Files.createDirectories(target.getParent());
    Files.write(target, bytes);
  }

  private static void returns(CodeBuilder code, TypeKind kind, Mutation.Returns value) {
    boolean one = value == Mutation.Returns.TRUE;
    switch (kind) {
      case VOID -> code.return_();
      case REFERENCE -> code.aconst_null().areturn();
      case LONG -> (one ? code.lconst_1() : code.lconst_0()).lreturn();
      case DOUBLE -> (one ? code.dconst_1() : code.dconst_0()).dreturn();
      case FLOAT -> (one ? code.fconst_1() : code.fconst_0()).freturn();
      case BOOLEAN, BYTE, CHAR, INT, SHORT -> (one ? code.iconst_1() : code.iconst_0()).ireturn();
    }
  }
}
