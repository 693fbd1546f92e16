"""Lines of numbered documents."""


def document(number, **fields):
    rest = "".join(f',"{name}":{value}' for name, value in fields.items())
    return f'{{"_id":"d{number:03d}"{rest}}}\n'.encode()


def documents(numbers, **fields):
    return b"".join(document(n, **fields) for n in numbers)


def tombstone(number):
    return f'{{"$$deleted":true,"_id":"d{number:03d}"}}\n'.encode()


def ids(numbers):
    return {f"d{n:03d}" for n in numbers}


INDEX = (
    b'{"$$indexCreated":{"fieldName":"n","unique":true}}\n{"$$indexCreated":{"fieldName":"m"}}\n'
)
