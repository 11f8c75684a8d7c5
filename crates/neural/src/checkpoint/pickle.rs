//! A reader of Python's pickles that knows what checkpoints of PyTorch consist of, and calls
//! nothing (the format: CPython's `Lib/pickletools.py`).
//!
//! What a pickle shares stays shared: all objects lie in one arena, so a small file can neither
//! grow without bounds nor nest deeper than the stack.

use super::Error;

/// The place of an object in the [`Heap`].
pub type Id = usize;

/// An object that was unpickled.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    None,
    Bool(bool),
    /// Any integer of up to 16 bytes.
    Int(i128),
    Float(f64),
    Text(String),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    /// Keys and values in the order in which they were set.
    Dict(Vec<(Id, Id)>),
    /// A class or function: module and name.
    Global(String, String),
    /// What stands outside the pickle: for PyTorch, a tuple that describes a storage.
    Persistent(Id),
    /// A view of a storage.
    Tensor(View),
}

/// The arguments of `torch._utils._rebuild_tensor_v2` that say what a tensor is.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The [`Object::Persistent`] that it looks at.
    pub storage: Id,
    /// In elements, as are the strides.
    pub offset: usize,
    pub shape: Vec<usize>,
    pub strides: Vec<usize>,
}

/// All objects of a pickle.
#[derive(Debug, Default)]
pub struct Heap {
    objects: Vec<Object>,
}

impl Heap {
    pub fn get(&self, id: Id) -> &Object {
        &self.objects[id]
    }

    /// The value of a text key of a dictionary.
    pub fn entry(&self, dict: Id, key: &str) -> Option<Id> {
        let Object::Dict(entries) = self.get(dict) else { return None };
        let is_key = |id: Id| matches!(self.get(id), Object::Text(text) if text == key);
        entries.iter().find(|(id, _)| is_key(*id)).map(|(_, value)| *value)
    }

    pub fn text(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Object::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn size(&self, id: Id) -> Option<usize> {
        match self.get(id) {
            Object::Int(value) => usize::try_from(*value).ok(),
            _ => None,
        }
    }

    pub fn tuple(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Object::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// All [`Object::Persistent`].
    pub fn persistent(&self) -> impl Iterator<Item = Id> + '_ {
        let is_persistent = |id: &Id| matches!(self.get(*id), Object::Persistent(_));
        (0..self.objects.len()).filter(is_persistent)
    }

    fn sizes(&self, id: Id) -> Option<Vec<usize>> {
        self.tuple(id)?.iter().map(|&item| self.size(item)).collect()
    }

    fn add(&mut self, object: Object) -> Id {
        self.objects.push(object);
        self.objects.len() - 1
    }
}

/// Reads one pickle from the front of `bytes`, and takes it off there.
pub fn read(bytes: &mut &[u8]) -> Result<(Heap, Id), Error> {
    let mut machine = Machine::default();
    loop {
        let opcode = take::<1>(bytes)?[0];
        if opcode == STOP {
            let root = machine.pop()?;
            return Ok((machine.heap, root));
        }
        machine.execute(opcode, bytes)?;
    }
}

const STOP: u8 = b'.';

/// The pickle machine: a stack of objects, the marks on it, and what was put aside.
#[derive(Default)]
struct Machine {
    heap: Heap,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: Vec<Option<Id>>,
}

impl Machine {
    fn execute(&mut self, opcode: u8, bytes: &mut &[u8]) -> Result<(), Error> {
        match opcode {
            // PROTO and FRAME say nothing that is needed.
            0x80 => drop(take::<1>(bytes)?),
            0x95 => drop(take::<8>(bytes)?),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),

            b'N' => self.push(Object::None),
            0x88 => self.push(Object::Bool(true)),
            0x89 => self.push(Object::Bool(false)),
            b'K' => self.push_int(take::<1>(bytes)?[0].into()),
            b'M' => self.push_int(u16::from_le_bytes(take(bytes)?).into()),
            b'J' => self.push_int(i32::from_le_bytes(take(bytes)?).into()),
            0x8A => self.push_long(bytes)?,
            b'G' => self.push(Object::Float(f64::from_be_bytes(take(bytes)?))),
            b'X' => self.push_text(u32::from_le_bytes(take(bytes)?) as usize, bytes)?,
            0x8C => self.push_text(take::<1>(bytes)?[0] as usize, bytes)?,

            b')' => self.push(Object::Tuple(Vec::new())),
            b']' => self.push(Object::List(Vec::new())),
            b'}' => self.push(Object::Dict(Vec::new())),
            b't' => self.push_tuple_from_mark()?,
            0x85..=0x87 => self.push_tuple(opcode as usize - 0x84)?,
            b'a' => self.append(1)?,
            b'e' => self.append_from_mark()?,
            b's' => self.set_items(2)?,
            b'u' => self.set_items_from_mark()?,

            b'q' => self.put(take::<1>(bytes)?[0] as usize)?,
            b'r' => self.put(u32::from_le_bytes(take(bytes)?) as usize)?,
            0x94 => self.put(self.memo.len())?,
            b'h' => self.fetch(take::<1>(bytes)?[0] as usize)?,
            b'j' => self.fetch(u32::from_le_bytes(take(bytes)?) as usize)?,

            b'c' => {
                let (module, name) = (take_line(bytes)?, take_line(bytes)?);
                self.push(Object::Global(module, name));
            }
            0x93 => self.push_global()?,
            b'Q' => {
                let id = self.pop()?;
                self.push(Object::Persistent(id));
            }
            b'R' => self.reduce()?,
            b'b' => self.build()?,
            _ => return Err(Error::Opcode(opcode)),
        }
        Ok(())
    }

    fn push(&mut self, object: Object) {
        let id = self.heap.add(object);
        self.stack.push(id);
    }

    fn push_int(&mut self, value: i128) {
        self.push(Object::Int(value));
    }

    /// Objects are taken from above the last mark only.
    fn pop(&mut self) -> Result<Id, Error> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err(Error::Malformed("its stack is empty"));
        }
        self.stack.pop().ok_or(Error::Malformed("its stack is empty"))
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Id>, Error> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.len().checked_sub(count) {
            Some(start) if start >= floor => Ok(self.stack.split_off(start)),
            _ => Err(Error::Malformed("its stack is empty")),
        }
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Id>, Error> {
        let mark = self.marks.pop().ok_or(Error::Malformed("a mark is missing"))?;
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    fn top(&mut self) -> Result<&mut Object, Error> {
        let top = *self.stack.last().ok_or(Error::Malformed("its stack is empty"))?;
        Ok(&mut self.heap.objects[top])
    }

    fn push_long(&mut self, bytes: &mut &[u8]) -> Result<(), Error> {
        let len = take::<1>(bytes)?[0] as usize;
        let digits = take_slice(len, bytes)?;
        if len > 16 {
            return Err(Error::Malformed("an integer has more than 16 bytes"));
        }
        // Two's complement: the highest bit fills the bytes that are not there.
        let sign = if digits.last().is_some_and(|byte| byte & 0x80 != 0) { 0xFF } else { 0 };
        let mut value = [sign; 16];
        value[..len].copy_from_slice(digits);
        self.push_int(i128::from_le_bytes(value));
        Ok(())
    }

    fn push_text(&mut self, len: usize, bytes: &mut &[u8]) -> Result<(), Error> {
        let text = String::from_utf8_lossy(take_slice(len, bytes)?).into_owned();
        self.push(Object::Text(text));
        Ok(())
    }

    fn push_tuple(&mut self, len: usize) -> Result<(), Error> {
        let items = self.pop_many(len)?;
        self.push(Object::Tuple(items));
        Ok(())
    }

    fn push_tuple_from_mark(&mut self) -> Result<(), Error> {
        let items = self.pop_to_mark()?;
        self.push(Object::Tuple(items));
        Ok(())
    }

    fn append(&mut self, count: usize) -> Result<(), Error> {
        let items = self.pop_many(count)?;
        self.extend_list(items)
    }

    fn append_from_mark(&mut self) -> Result<(), Error> {
        let items = self.pop_to_mark()?;
        self.extend_list(items)
    }

    fn extend_list(&mut self, items: Vec<Id>) -> Result<(), Error> {
        match self.top()? {
            Object::List(list) => list.extend(items),
            _ => return Err(Error::Malformed("it appends to what is no list")),
        }
        Ok(())
    }

    fn set_items(&mut self, count: usize) -> Result<(), Error> {
        let items = self.pop_many(count)?;
        self.extend_dict(&items)
    }

    fn set_items_from_mark(&mut self) -> Result<(), Error> {
        let items = self.pop_to_mark()?;
        self.extend_dict(&items)
    }

    fn extend_dict(&mut self, items: &[Id]) -> Result<(), Error> {
        let (pairs, rest) = items.as_chunks();
        match self.top()? {
            Object::Dict(dict) if rest.is_empty() => {
                dict.extend(pairs.iter().map(|&[key, value]| (key, value)));
            }
            _ => return Err(Error::Malformed("it sets items of what is no dictionary")),
        }
        Ok(())
    }

    fn put(&mut self, at: usize) -> Result<(), Error> {
        let top = *self.stack.last().ok_or(Error::Malformed("its stack is empty"))?;
        // Pickles number what they put aside one after the other.
        if at > self.heap.objects.len() {
            return Err(Error::Malformed("its memo has gaps"));
        }
        if self.memo.len() <= at {
            self.memo.resize(at + 1, None);
        }
        self.memo[at] = Some(top);
        Ok(())
    }

    fn fetch(&mut self, at: usize) -> Result<(), Error> {
        let id = self.memo.get(at).copied().flatten();
        self.stack.push(id.ok_or(Error::Malformed("an object is missing from its memo"))?);
        Ok(())
    }

    fn push_global(&mut self) -> Result<(), Error> {
        let names = self.pop_many(2)?;
        match (self.heap.text(names[0]), self.heap.text(names[1])) {
            (Some(module), Some(name)) => {
                let global = Object::Global(module.to_owned(), name.to_owned());
                self.push(global);
                Ok(())
            }
            _ => Err(Error::Malformed("a class has no name")),
        }
    }

    /// A call, of which only those that make tensors and their dictionaries are understood.
    fn reduce(&mut self) -> Result<(), Error> {
        let (arguments, callable) = (self.pop()?, self.pop()?);
        let Object::Global(module, name) = self.heap.get(callable) else {
            return Err(Error::Malformed("it calls what is no function"));
        };
        let arguments = self.heap.tuple(arguments).unwrap_or_default();
        let object = match (module.as_str(), name.as_str()) {
            ("collections", "OrderedDict") => Some(Object::Dict(Vec::new())),
            ("torch", "Size") => arguments.first().map(|&size| self.heap.get(size).clone()),
            ("torch._utils", "_rebuild_parameter") => {
                arguments.first().map(|&data| self.heap.get(data).clone())
            }
            ("torch._utils", "_rebuild_tensor_v2") => self.view(arguments).map(Object::Tensor),
            _ => return Err(Error::Foreign { module: module.clone(), name: name.clone() }),
        };
        self.push(object.ok_or(Error::Malformed("a tensor is described wrongly"))?);
        Ok(())
    }

    fn view(&self, arguments: &[Id]) -> Option<View> {
        let [storage, offset, shape, strides, ..] = *arguments else { return None };
        let heap = &self.heap;
        let view = View {
            storage,
            offset: heap.size(offset)?,
            shape: heap.sizes(shape)?,
            strides: heap.sizes(strides)?,
        };
        (view.shape.len() == view.strides.len()).then_some(view)
    }

    /// The attributes of an object. Dictionaries of tensors have some, which say nothing of them.
    fn build(&mut self) -> Result<(), Error> {
        self.pop()?;
        match self.top()? {
            Object::Dict(_) => Ok(()),
            _ => Err(Error::Malformed("it sets attributes of what is no dictionary")),
        }
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Error> {
    let (first, rest) = bytes.split_first_chunk().ok_or(Error::Truncated)?;
    *bytes = rest;
    Ok(*first)
}

fn take_slice<'a>(len: usize, bytes: &mut &'a [u8]) -> Result<&'a [u8], Error> {
    let (first, rest) = bytes.split_at_checked(len).ok_or(Error::Truncated)?;
    *bytes = rest;
    Ok(first)
}

fn take_line(bytes: &mut &[u8]) -> Result<String, Error> {
    let len = bytes.iter().position(|&byte| byte == b'\n').ok_or(Error::Truncated)?;
    let line = take_slice(len, bytes)?;
    *bytes = &bytes[1..];
    Ok(String::from_utf8_lossy(line).into_owned())
}
