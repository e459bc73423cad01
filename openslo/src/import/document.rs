//! One object of a file, and where its fields stand.

use seaworthy_yaml::shown;
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::{
    v1::{Content, KINDS, Object, Resource, VERSION},
    yaml::{Node, Position, Problem},
};

/// Where an object was read from.
#[derive(Debug)]
pub(crate) struct Document {
    file: String,
    root: Node,
}

impl Document {
    /// The documents of a file, those that are lists of objects taken apart.
    pub(crate) fn all(file: &str, yaml: &str) -> Result<Vec<Self>, Problem> {
        let of = |root| Self { file: file.to_owned(), root };
        let mut documents = Vec::new();
        for node in crate::yaml::documents(file, yaml)? {
            match node.into_list() {
                Ok(objects) => documents.extend(objects.into_iter().map(of)),
                Err(object) => documents.push(of(object)),
            }
        }
        Ok(documents)
    }

    /// Something about a field.
    pub(crate) fn problem(&self, field: &str, message: impl Into<String>) -> Problem {
        let Position { line, column } = self.root.position_of(field);
        Problem { file: self.file.clone(), line, column, field: field.to_owned(), message: message.into() }
    }

    /// Where it begins: `slos.yaml:12`.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.file, self.root.position().line)
    }

    /// The object that it is.
    pub(crate) fn object(&self) -> Result<Object, Problem> {
        let value = self.root.value();
        let text = |field: &str| match value.get(field) {
            Some(Value::String(text)) => Ok(text.as_str()),
            _ => Err(self.problem(field, "is missing, or not a text")),
        };
        let version = text("apiVersion")?;
        if version != VERSION {
            let message = format!("is {:?}; {VERSION} is what can be read", shown(version));
            return Err(self.problem("apiVersion", message));
        }
        let kind = text("kind")?.to_owned();
        match kind.as_str() {
            "Service" => self.read(value).map(Object::Service),
            "DataSource" => self.read(value).map(Object::DataSource),
            "SLI" => self.read(value).map(|object| Object::Indicator(Box::new(object))),
            "SLO" => self.read(value).map(|object| Object::Slo(Box::new(object))),
            "AlertPolicy" => self.read(value).map(Object::AlertPolicy),
            "AlertCondition" => self.read(value).map(Object::AlertCondition),
            "AlertNotificationTarget" => self.read(value).map(Object::NotificationTarget),
            other => {
                let message = format!("is {:?}; kinds are {}", shown(other), KINDS.join(", "));
                Err(self.problem("kind", message))
            }
        }
    }

    fn read<C: Content>(&self, value: Value) -> Result<Resource<C>, Problem> {
        serde_path_to_error::deserialize(value).map_err(|error| {
            let field = field(error.path());
            let message = shown(&error.into_inner().to_string());
            self.problem(&field, message)
        })
    }
}

fn field(path: &serde_path_to_error::Path) -> String {
    let mut field = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => field.push_str(&format!("[{index}]")),
            Segment::Map { key } if field.is_empty() => field.push_str(key),
            Segment::Map { key } => field.push_str(&format!(".{key}")),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    field
}
