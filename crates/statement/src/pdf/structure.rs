//! The structure tree: what each mark on the paper is, in reading order.

use super::{Dict, Id, Value, Writer, name, text};

/// An element of the tree, by number.
pub(crate) type Element = usize;

enum Kid {
    Element(Element),
    Marked {
        page: usize,
        number: usize,
    },
    /// A widget, as an object reference.
    Object {
        page: usize,
        id: Id,
    },
}

struct Node {
    tag: &'static str,
    parent: Option<Element>,
    kids: Vec<Kid>,
    alternative: Option<String>,
    scope: Option<&'static str>,
}

/// The tree while it grows.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    open: Vec<Element>,
}

impl Tree {
    pub(crate) fn new() -> Self {
        let document =
            Node { tag: "Document", parent: None, kids: vec![], alternative: None, scope: None };
        Self { nodes: vec![document], open: vec![0] }
    }

    pub(crate) fn open(&mut self, tag: &'static str) -> Element {
        let parent = self.open.last().copied();
        let element = self.nodes.len();
        self.nodes.push(Node { tag, parent, kids: vec![], alternative: None, scope: None });
        if let Some(parent) = parent {
            self.nodes[parent].kids.push(Kid::Element(element));
        }
        self.open.push(element);
        element
    }

    pub(crate) fn close(&mut self) {
        self.open.pop();
    }

    pub(crate) fn open_if(&mut self, when: bool, tag: &'static str) {
        if when {
            self.open(tag);
        }
    }

    pub(crate) fn close_if(&mut self, when: bool) {
        if when {
            self.close();
        }
    }

    /// The innermost open element; `None` directly under the document.
    pub(crate) fn current(&self) -> Option<Element> {
        self.open.last().copied().filter(|element| *element != 0)
    }

    pub(crate) fn tag(&self, element: Element) -> &'static str {
        self.nodes[element].tag
    }

    /// Says in words what the current element shows.
    pub(crate) fn describe(&mut self, words: &str) {
        if let Some(element) = self.current() {
            self.nodes[element].alternative = Some(words.to_owned());
        }
    }

    /// Says for what the current header cell is the header: `Column` or `Row`.
    pub(crate) fn scope(&mut self, scope: &'static str) {
        if let Some(element) = self.current() {
            self.nodes[element].scope = Some(scope);
        }
    }

    pub(crate) fn mark(&mut self, element: Element, page: usize, number: usize) {
        self.nodes[element].kids.push(Kid::Marked { page, number });
    }

    /// Puts a widget into an element of its own, at the end.
    pub(crate) fn widget(&mut self, page: usize, id: Id, words: &str) -> Element {
        let element = self.open("Form");
        self.nodes[element].kids.push(Kid::Object { page, id });
        self.nodes[element].alternative = Some(words.to_owned());
        self.close();
        element
    }

    /// Writes the tree. `pages` are the pages' objects, `marked` the elements of each page's
    /// content by number, `widget` the element of the signature's widget.
    pub(crate) fn write(
        &self,
        writer: &mut Writer,
        pages: &[Id],
        marked: &[&[Element]],
        widget: Element,
    ) -> Id {
        let root = writer.reserve();
        let ids: Vec<Id> = self.nodes.iter().map(|_| writer.reserve()).collect();
        for (node, id) in self.nodes.iter().zip(&ids) {
            let parent = node.parent.map_or(root, |parent| ids[parent]);
            writer.set(*id, &node.to_dict(&ids, pages, parent).into());
        }
        let mut numbers = Vec::new();
        for (page, elements) in marked.iter().enumerate() {
            let refs = elements.iter().map(|element| Value::Ref(ids[*element])).collect();
            let list: Id = writer.add(Value::Array(refs));
            numbers.extend([count(page), Value::Ref(list)]);
        }
        numbers.extend([count(pages.len()), Value::Ref(ids[widget])]);
        let parents = writer.add(Dict::default().with("Nums", numbers));
        let dict = Dict::new("StructTreeRoot")
            .with("K", Value::Ref(ids[0]))
            .with("ParentTree", Value::Ref(parents))
            .with("ParentTreeNextKey", count(pages.len() + 1));
        writer.set(root, &dict.into());
        root
    }
}

impl Node {
    fn to_dict(&self, ids: &[Id], pages: &[Id], parent: Id) -> Dict {
        let first_page = self.kids.iter().find_map(|kid| match kid {
            Kid::Marked { page, .. } | Kid::Object { page, .. } => Some(*page),
            Kid::Element(_) => None,
        });
        let kids = self.kids.iter().map(|kid| match kid {
            Kid::Element(element) => Value::Ref(ids[*element]),
            Kid::Marked { page, number } if Some(*page) == first_page => count(*number),
            Kid::Marked { page, number } => Dict::new("MCR")
                .with("Pg", Value::Ref(pages[*page]))
                .with("MCID", count(*number))
                .into(),
            Kid::Object { page, id } => Dict::new("OBJR")
                .with("Pg", Value::Ref(pages[*page]))
                .with("Obj", Value::Ref(*id))
                .into(),
        });
        let mut dict = Dict::default().with("S", name(self.tag)).with("P", Value::Ref(parent));
        if let Some(page) = first_page {
            dict = dict.with("Pg", Value::Ref(pages[page]));
        }
        if let Some(words) = &self.alternative {
            dict = dict.with("Alt", text(words));
        }
        if let Some(scope) = self.scope {
            let attributes = Dict::default().with("O", name("Table")).with("Scope", name(scope));
            dict = dict.with("A", attributes);
        }
        dict.with("K", kids.collect::<Vec<_>>())
    }
}

fn count(value: usize) -> Value {
    Value::Int(i64::try_from(value).unwrap_or(i64::MAX))
}
